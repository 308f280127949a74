// Server-Sent Events in chunks of HTTP/1.1, and the POST requests that go the other way.
import { messageText, Remainder, type Wire, type WireEvents, type WireFactory, type WireParts } from './wire.js';

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const eventEnd = Buffer.from('\n\n');

class SseWire implements Wire {
  readonly #events: WireEvents;
  readonly #token: string;
  readonly #remainder = new Remainder();
  #open = false;

  constructor({ token, events }: WireParts) {
    this.#events = events;
    this.#token = token;
  }

  hello(): string {
    return `GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${this.#token}\r\n\r\n`;
  }

  feed(bytes: Buffer): void {
    const all = this.#remainder.with(bytes);
    let at = 0;
    if (!this.#open) {
      const end = all.indexOf(headEnd);
      if (end < 0) {
        this.#remainder.keep(all, 0);
        return;
      }
      const status = all.toString('latin1', 0, all.indexOf(lineEnd));
      if (!status.startsWith('HTTP/1.1 200')) {
        this.#events.failed(`refused: ${status}`);
        return;
      }
      this.#open = true;
      this.#events.opened();
      at = end + headEnd.length;
    }
    this.#remainder.keep(all, this.#chunks(all, at));
  }

  message(): string {
    throw new Error('Messages go by another wire.');
  }

  /** Takes the whole chunks; returns where the first that is not whole begins. */
  #chunks(bytes: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const sizeEnd = bytes.indexOf(lineEnd, at);
      if (sizeEnd < 0) return at;
      const start = sizeEnd + lineEnd.length;
      const end = start + Number.parseInt(bytes.toString('latin1', at, sizeEnd), 16);
      if (end + lineEnd.length > bytes.length) return at;
      this.#chunk(bytes, start, end);
      at = end + lineEnd.length;
    }
  }

  /** The peer writes whole events. */
  #chunk(bytes: Buffer, from: number, to: number): void {
    let start = from;
    while (start < to) {
      const end = bytes.indexOf(eventEnd, start);
      if (end < 0 || end >= to) {
        this.#events.failed('a chunk that does not end with an event');
        return;
      }
      this.#events.event(bytes, start, end);
      start = end + eventEnd.length;
    }
  }
}

export const sseWire: WireFactory = (parts) => new SseWire(parts);

/** Requests one after the other on a connection that stays. */
export const ssePostWire: WireFactory = ({ token, events }) => {
  const remainder = new Remainder();
  return {
    hello: () => {
      events.opened();
      return '';
    },
    feed(bytes) {
      let all = remainder.with(bytes);
      for (;;) {
        const end = all.indexOf(headEnd);
        if (end < 0) break;
        const head = all.toString('latin1', 0, end);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
        if (!head.startsWith('HTTP/1.1 202') || !(length >= 0)) {
          events.failed(`refused: ${head.slice(0, 100)}`);
          return;
        }
        const next = end + headEnd.length + length;
        if (next > all.length) break;
        events.accepted();
        all = all.subarray(next);
      }
      remainder.keep(all, 0);
    },
    message(id) {
      const body = JSON.stringify({ id, data: { text: messageText } });
      return [
        'POST /messages HTTP/1.1',
        'Host: 127.0.0.1',
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n');
    },
  };
};
