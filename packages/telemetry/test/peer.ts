// A client without opinions: it does nothing by itself.
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** A frame as it came. */
export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** How to knock. */
export interface Knock {
  readonly token?: string;
  readonly from?: string;
  /** The subprotocol to offer. Default `throughline.v1`. */
  readonly offers?: string;
}

export interface Peer {
  readonly webSocket: WebSocket;
  /** Where it stands: behind the last event that came, else where it was welcomed. */
  readonly position: string;
  /** The close code, once it has come. */
  readonly closed: Promise<number>;
  /** The first frame of this type that was not taken yet; those before it are passed over. */
  until(type: string): Promise<Frame>;
  send(frame: object): void;
  /** Says that all that came is processed. */
  acknowledge(observed?: { readonly gaps?: number; readonly duplicates?: number }): void;
}

export async function connectPeer(port: number, { token, from, offers = 'throughline.v1' }: Knock): Promise<Peer> {
  const query = new URLSearchParams({ acks: '1', ...(from !== undefined && { from }) });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/ws?${query}`, offers, { headers });
  const frames: Frame[] = [];
  let taken = 0;
  let wake = () => {};
  webSocket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    wake();
  });
  const closed = once(webSocket, 'close').then(([code]) => code as number);
  void closed.then(() => wake());
  onTestFinished(() => webSocket.terminate());
  await once(webSocket, 'open');
  const peer: Peer = {
    webSocket,
    closed,
    get position() {
      const opened = frames.findLast(({ type }) => type === 'welcome' || type === 'reset')?.['position'] as string;
      const last = frames.findLast(({ offset }) => typeof offset === 'number');
      return last ? `${opened.split('.')[0]}.${last['offset'] as number}.${last['mark'] as string}` : opened;
    },
    async until(type) {
      for (;;) {
        while (taken === frames.length) {
          if (webSocket.readyState === WebSocket.CLOSED)
            throw new Error(`Closed (${await closed}) before a ${type} came.`);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const frame = frames[taken++] as Frame;
        if (frame.type === type) return frame;
      }
    },
    send: (frame) => webSocket.send(JSON.stringify(frame)),
    acknowledge: (observed = {}) => peer.send({ type: 'ack', position: peer.position, ...observed }),
  };
  return peer;
}
