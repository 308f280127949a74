// The WebSocket of a page: what a browser has, on the in-memory network.
import type { SocketPort, WebSocketConstructor } from '@throughline/client';
import type { Connection, PageEnd } from './connection.js';
import { eachFrame, maskedFrame, opcodes } from './frames.js';
import type { Random } from './random.js';

/** Who looks over the shoulder of a page's sockets. */
export interface Tap {
  /** A text came; the page hears of it when this calls `deliver`. */
  received(text: string, deliver: () => void): void;
  sent(text: string): void;
  closed(code: number): void;
  /** What a service must never send. */
  illegal(what: string): void;
  opened(connection: Connection): void;
  /** So many bytes for the page wait in the memory of the service. */
  waiting(bytes: number): void;
}

/** What opens connections for a page. */
export type Dial = (url: string, headers: Readonly<Record<string, string>>, page: PageEnd) => Connection;

/** A constructor of WebSockets. Keys and masks are drawn from the seed. */
export function pageSockets(dial: Dial, random: Random, tap: Tap): WebSocketConstructor {
  return class implements SocketPort {
    readonly #listeners: { readonly type: string; readonly listener: (event: never) => void }[] = [];
    readonly #connection: Connection;
    #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
    #received: Buffer = Buffer.alloc(0);
    /** Of the service's close frame; without one it is 1006. */
    #code = 1006;

    constructor(url: string, protocols: string[]) {
      const { pathname, search, host } = new URL(url);
      const headers = {
        host,
        origin: `http://${host}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from(random.id()).toString('base64'),
        'sec-websocket-protocol': protocols.join(', '),
      };
      this.#connection = dial(`${pathname}${search}`, headers, {
        receive: (bytes) => this.#receive(bytes),
        ended: () => this.#end(),
        waiting: tap.waiting,
      });
      tap.opened(this.#connection);
    }

    addEventListener(type: string, listener: (event: never) => void): void {
      this.#listeners.push({ type, listener });
    }

    send(text: string): void {
      if (this.#state === 'connecting') throw new Error('InvalidStateError: still in CONNECTING state.');
      if (this.#state !== 'open') return;
      tap.sent(text);
      this.#write(opcodes.text, Buffer.from(text));
    }

    close(code = 1000): void {
      if (this.#state === 'connecting') {
        this.#connection.cut();
      } else if (this.#state === 'open') {
        this.#state = 'closing';
        this.#write(opcodes.close, codeBytes(code));
      }
    }

    #write(opcode: number, payload: Buffer): void {
      this.#connection.write(maskedFrame(opcode, payload, random.int(0, 0xffff_ffff)));
    }

    #receive(bytes: Buffer): void {
      this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
      if (this.#state === 'connecting' && !this.#shakenHands()) return;
      this.#received = eachFrame(this.#received, (opcode, payload) => this.#take(opcode, payload));
    }

    /** Whether the service has agreed to the upgrade. What it refuses ends by itself. */
    #shakenHands(): boolean {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return false;
      const head = this.#received.toString('latin1', 0, end);
      if (!/^HTTP\/1\.1 101 /.test(head)) return false;
      if (!/\r\nSec-WebSocket-Protocol: throughline\.v1(\r\n|$)/i.test(head))
        tap.illegal('no subprotocol was selected');
      this.#received = this.#received.subarray(end + 4);
      this.#state = 'open';
      return true;
    }

    #take(opcode: number, payload: Buffer): void {
      if (opcode === opcodes.text) {
        if (this.#state !== 'open') return;
        const data = payload.toString();
        tap.received(data, () => this.#emit('message', { data }));
      } else if (opcode === opcodes.ping) {
        if (this.#state === 'open') this.#write(opcodes.pong, payload);
      } else if (opcode === opcodes.close) {
        this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        if (this.#state === 'open') this.#write(opcodes.close, payload.subarray(0, 2));
        this.#state = 'closing';
        this.#connection.end();
      } else if (opcode !== opcodes.pong) {
        tap.illegal(`opcode ${opcode}`);
      }
    }

    #end(): void {
      if (this.#state === 'closed') return;
      this.#state = 'closed';
      tap.closed(this.#code);
      if (this.#code === 1006) this.#emit('error', {});
      this.#emit('close', { code: this.#code });
    }

    #emit(type: string, event: unknown): void {
      for (const one of this.#listeners) if (one.type === type) one.listener(event as never);
    }
  };
}

function codeBytes(code: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(code);
  return bytes;
}
