// A page as it was written for a legacy manager: it knows no positions, sends no acknowledgements, and reads `data` or `payload`.
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Anything that such a page hears. */
export interface LegacyFrame {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface OldPage extends Disposable {
  /** The subprotocol that the service selected. */
  readonly protocol: string;
  /** Everything it heard, in order. */
  readonly frames: readonly LegacyFrame[];
  /** The same as text, with the headers of the answer to its upgrade. */
  transcript(): string;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** The first frame of a type, already heard or yet to come; rejects when the connection ends before. */
  next(type: string): Promise<LegacyFrame>;
  send(frame: object): void;
}

/** Connects; resolves when the connection is open. */
export async function openOldPage(url: string, subprotocols: readonly string[]): Promise<OldPage> {
  const webSocket = new WebSocket(url, [...subprotocols]);
  const frames: LegacyFrame[] = [];
  const texts: string[] = [];
  const listeners = new Set<() => void>();
  let isOver = false;
  const wake = () => {
    for (const listener of listeners) listener();
  };
  webSocket.on('upgrade', ({ rawHeaders }) => texts.push(rawHeaders.join('\n')));
  webSocket.on('message', (text: Buffer) => {
    texts.push(text.toString());
    frames.push(JSON.parse(text.toString()) as LegacyFrame);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.on('close', (code, reason) => {
      isOver = true;
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await once(webSocket, 'open');
  webSocket.on('error', () => {});
  return {
    protocol: webSocket.protocol,
    frames,
    transcript: () => texts.join('\n'),
    closed,
    next(type) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = frames.find((frame) => frame.type === type);
          if (!found && !isOver) return;
          listeners.delete(look);
          if (found) resolve(found);
          else reject(new Error(`The connection ended before ${type} came.`));
        };
        listeners.add(look);
        look();
      });
    },
    send: (frame) => webSocket.send(JSON.stringify(frame)),
    [Symbol.dispose]: () => webSocket.terminate(),
  };
}
