// What a page has its WebSocket for, in Node, over a connection of the kit's own, with the handles a test needs.
import type { SocketPort, WebSocketConstructor } from '@throughline/client';
import type { Frame } from './frame.js';
import { type RawClient, rawClient } from './raw-client.js';

/** The WebSockets of one client. */
export interface WebSockets {
  /** For the option `webSocket` of a client. */
  readonly constructor: WebSocketConstructor;
  /** How many were opened. */
  readonly opened: number;
  /** Breaks the newest one, without a close frame. */
  cut(): void;
  /** Breaks all, and resolves when they are gone. */
  end(): Promise<void>;
}

/** The client has deadlines of its own. */
const forever = { deadlineMs: Number.POSITIVE_INFINITY };

/** @param heard called with each frame that comes, before the client gets it */
export function createWebSockets(heard: (frame: Frame) => void): WebSockets {
  const sockets: RawClient[] = [];
  class PageWebSocket implements SocketPort {
    readonly #events = new EventTarget();
    readonly #raw: RawClient;

    constructor(url: string, protocols: string[]) {
      this.#raw = rawClient(url, { protocols });
      sockets.push(this.#raw);
      void this.#read();
    }

    addEventListener(type: string, listener: (event: never) => void): void {
      this.#events.addEventListener(type, listener as unknown as (event: Event) => void);
    }

    send(text: string): void {
      this.#raw.sendFrame(text);
    }

    close(code?: number): void {
      // As in a browser: before it is open it just ends.
      if (this.#raw.wire.length === 0) this.#raw.cut('fin');
      else this.#raw.close(code);
    }

    async #read(): Promise<void> {
      try {
        const { status } = await this.#raw.answered(forever);
        if (status !== 101) this.#raw.cut('fin');
        for (;;) {
          const frame = await this.#raw.next(() => true, forever);
          heard(frame);
          this.#tell('message', { data: JSON.stringify(frame) });
        }
      } catch {
        // The connection has ended, and every frame was told of.
        const { code } = await this.#raw.closed(forever);
        this.#tell('close', { code });
      }
    }

    #tell(type: string, fields: object): void {
      this.#events.dispatchEvent(Object.assign(new Event(type), fields));
    }
  }
  return {
    constructor: PageWebSocket,
    get opened() {
      return sockets.length;
    },
    cut: () => sockets.at(-1)?.cut(),
    async end() {
      await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
    },
  };
}
