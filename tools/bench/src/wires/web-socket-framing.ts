// RFC 6455 as a client speaks it, as far as the peers use it: unfragmented text, ping, close.
import { randomBytes } from 'node:crypto';
import { Remainder } from './wire.js';

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** What a framing tells. */
export interface FramingEvents {
  /** The peer has upgraded. */
  upgraded(): void;
  text(bytes: Buffer, start: number, end: number): void;
  send(bytes: Buffer): void;
  failed(reason: string): void;
}

/** The request that opens a WebSocket. */
export function upgradeRequest(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A frame of a client. Its mask is zero, which is legal, costs the server what any mask does, and the client nothing. */
export function clientFrame(text: string | Buffer, opcode: number = opcodes.text): Buffer {
  const payload = typeof text === 'string' ? Buffer.from(text) : text;
  const long = payload.length > 125;
  const frame = Buffer.alloc((long ? 8 : 6) + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (long ? 126 : payload.length);
  if (long) frame.writeUInt16BE(payload.length, 2);
  payload.copy(frame, frame.length - payload.length);
  return frame;
}

export class WebSocketFraming {
  readonly #events: FramingEvents;
  readonly #remainder = new Remainder();
  #upgraded = false;

  constructor(events: FramingEvents) {
    this.#events = events;
  }

  feed(bytes: Buffer): void {
    const all = this.#remainder.with(bytes);
    let at = 0;
    if (!this.#upgraded) {
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#remainder.keep(all, 0);
        return;
      }
      const status = all.toString('latin1', 0, all.indexOf('\r\n'));
      if (!status.startsWith('HTTP/1.1 101')) {
        this.#events.failed(`refused: ${status}`);
        return;
      }
      this.#upgraded = true;
      this.#events.upgraded();
      at = end + 4;
    }
    this.#remainder.keep(all, this.#frames(all, at));
  }

  /** Takes the whole frames; returns where the first that is not whole begins. */
  #frames(bytes: Buffer, from: number): number {
    let at = from;
    for (;;) {
      if (bytes.length - at < 2) return at;
      let start = at + 2;
      let length = bytes[at + 1] as number;
      if (length === 126) {
        if (bytes.length - at < 4) return at;
        length = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (bytes.length - at < 10) return at;
        length = bytes.readUInt32BE(at + 6);
        start = at + 10;
      }
      const end = start + length;
      if (end > bytes.length) return at;
      this.#frame(bytes, bytes[at] as number, start, end);
      at = end;
    }
  }

  #frame(bytes: Buffer, first: number, start: number, end: number): void {
    const opcode = first & 15;
    if (first === (0x80 | opcodes.text)) this.#events.text(bytes, start, end);
    else if (opcode === opcodes.ping) this.#events.send(clientFrame(bytes.subarray(start, end), opcodes.pong));
    else if (opcode === opcodes.close) {
      const code = end - start >= 2 ? bytes.readUInt16BE(start) : 1005;
      this.#events.failed(`closed with ${code} ${bytes.toString('latin1', Math.min(start + 2, end), end)}`);
    } else if (opcode !== opcodes.pong) this.#events.failed(`a frame that begins with ${first}`);
  }
}
