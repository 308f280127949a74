// Each way in which connections end must be what it says, or the leak check knows nothing of it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getWebSocketManager, startWebSocketService, type WebSocketService } from '@throughline/core';
import { afterEach, expect, test } from 'vitest';
import { eventsPerRun, refusedToken, stay, visit, type Way } from '../src/leaks-visits.js';

let server: Server;
let service: WebSocketService;

afterEach(async () => {
  await service.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** A service that says so much to each message. @returns its port, and its telemetry, each by kind and code */
async function serving(events: number): Promise<{ readonly port: number; readonly told: readonly string[] }> {
  const told: string[] = [];
  server = createServer();
  service = await startWebSocketService({
    server,
    authenticate: ({ token }) => (token === refusedToken ? null : { user_id: token }),
    onMessage: ({ thread_id, id }, userContext) =>
      getWebSocketManager(userContext)
        .run({ agent_name: 'answerer', thread_id, message_id: id }, async (run) => {
          for (let n = 0; n < events - 2; n++) await run.send('bench.token', { n });
          return { final_response: 'Five.' };
        })
        .then(() => {}),
    telemetry: (event) => {
      if (event.kind === 'session_closed') told.push(`closed ${event.code}`);
      if (event.kind === 'refused' || event.kind === 'run_delivered') told.push(event.kind);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, told };
}

const visitor = { localAddress: '127.0.0.1', user: 'ada', messageId: 'm-1' };

test.each<[Way, readonly string[]]>([
  ['closed', ['run_delivered', 'closed 1000']],
  ['ended without a close', ['run_delivered', 'closed 1006']],
  ['reset', ['closed 1006']],
  ['came back, closed', ['closed 1006', 'run_delivered', 'closed 1000']],
  ['refused', ['refused']],
  ['left half a request', []],
  ['left before the welcome', []],
])('%s', async (way, what) => {
  const { port, told } = await serving(eventsPerRun);
  await visit(way, { ...visitor, port });
  await expect.poll(() => told).toEqual(expect.arrayContaining([...what]));
  await expect.poll(() => service.health().sessions).toBe(0);
});

test('who stays is there until they leave', async () => {
  const { port, told } = await serving(eventsPerRun);
  const leave = await stay({ ...visitor, port });
  expect(service.health().sessions).toBe(1);
  await leave();
  await expect.poll(() => told).toContain('closed 1000');
});

test('a service that says less than it must is found', async () => {
  const { port } = await serving(eventsPerRun - 1);
  const visiting = visit('closed', { ...visitor, port });
  await expect.poll(() => service.health().sessions).toBe(1);
  await Promise.all([expect(visiting).rejects.toThrow('Not answered: the connection ended'), service.close()]);
});
