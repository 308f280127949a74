// For consumers of the rehearsal: lets whoever asks decide when the agent says its next part.
import { createServer, type Server, type ServerResponse } from 'node:http';

/** A moment in which the agent may speak. */
export interface Turn {
  /** Everything said in it is stored. */
  over(): void;
}

export interface Control {
  readonly server: Server;
  /** The next `POST /speak`; it is answered when the turn is over. */
  turn(): Promise<Turn>;
}

export function createControl(): Control {
  const asked: ServerResponse[] = [];
  const waiting: ((turn: Turn) => void)[] = [];
  const match = (): void => {
    while (asked.length > 0 && waiting.length > 0) {
      const response = asked.shift();
      waiting.shift()?.({ over: () => void response?.writeHead(204).end() });
    }
  };
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/speak') {
      response.writeHead(404).end();
      return;
    }
    asked.push(response);
    match();
  });
  return {
    server,
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        match();
      }),
  };
}

/** What the agent says, a turn each. */
export const PARTS: readonly string[] = ['Costs fell ', 'by twelve ', 'percent.'];

/** Serves until its parent goes away or ends it, and tells where. */
export function serve(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      process.stdout.write(`${JSON.stringify({ port })}\n`);
      resolve();
    });
  });
}

/** Of the one who issues tokens here: consumer and service are the same person. */
export const ISSUER = {
  secret: 'a secret of the rehearsal, longer than 32 bytes',
  issuer: 'rehearsal',
  audience: 'rehearsal',
};
