// A socket without a network: it takes what is written and counts it. The kernel's share of a write is the noisiest part of it.
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** What was written to all sinks. */
export interface Written {
  /** How often the network would have been called. */
  writes: number;
  bytes: number;
}

export class Sink extends Duplex {
  readonly #written: Written;

  constructor(written: Written) {
    super();
    this.#written = written;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written.writes += 1;
    this.#written.bytes += chunk.length;
    done();
  }

  /** What was corked is one call. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#written.writes += 1;
    for (const { chunk } of chunks) this.#written.bytes += chunk.length;
    done();
  }
}

/** The upgrade of a user who comes over a sink. */
export function upgradeOver(sink: Sink, user: string): IncomingMessage {
  const request = new IncomingMessage(sink as unknown as Socket);
  request.method = 'GET';
  request.url = '/ws?from=active';
  request.headers = {
    host: '127.0.0.1',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'throughline.v1',
    authorization: `Bearer ${user}`,
  };
  return request;
}
