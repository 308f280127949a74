// Socket.IO 5 over Engine.IO 4, WebSocket from the start, as its client speaks it.
import { clientFrame, upgradeRequest, WebSocketFraming } from './web-socket-framing.js';
import { messageText, type Resume, type Wire, type WireEvents, type WireFactory, type WireParts } from './wire.js';

const code = (digit: string) => digit.charCodeAt(0);
/** Packets of Engine.IO, and within its messages those of Socket.IO. */
const [open, ping, message] = [code('0'), code('2'), code('4')];
const [connect, event, ack] = [code('0'), code('2'), code('3')];
const quote = code('"');
const closingBracket = code(']');

class SocketIoWire implements Wire {
  readonly #events: WireEvents;
  readonly #parts: WireParts;
  readonly #framing: WebSocketFraming;
  #session: string | undefined;
  #offset = '';
  #messages = 0;

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.#events = parts.events;
    this.#session = parts.resume?.session;
    this.#framing = new WebSocketFraming({
      upgraded: () => {},
      text: (bytes, start, end) => this.#packet(bytes, start, end),
      send: (bytes) => this.#events.send(bytes),
      failed: (reason) => this.#events.failed(reason),
    });
  }

  hello(): string {
    return upgradeRequest('/socket.io/?EIO=4&transport=websocket', {});
  }

  feed(bytes: Buffer): void {
    this.#framing.feed(bytes);
  }

  message(id: string): Buffer {
    this.#messages += 1;
    return clientFrame(`42${this.#messages}${JSON.stringify(['message', { id, data: { text: messageText } }])}`);
  }

  get resume(): Resume | undefined {
    return this.#session === undefined ? undefined : { position: this.#offset, session: this.#session };
  }

  #packet(bytes: Buffer, start: number, end: number): void {
    const kind = bytes[start] as number;
    if (kind === message) this.#message(bytes, start + 1, end);
    else if (kind === ping) this.#events.send(clientFrame('3'));
    else if (kind === open) {
      const { token, resume } = this.#parts;
      const recovery = resume ? { pid: resume.session, offset: resume.position } : {};
      this.#events.send(clientFrame(`40${JSON.stringify({ token, ...recovery })}`));
    } else this.#unknown(bytes, start, end);
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const kind = bytes[start] as number;
    if (kind === event) {
      this.#remember(bytes, end);
      this.#events.event(bytes, start, end);
    } else if (kind === ack) this.#events.accepted();
    else if (kind === connect) this.#connected(bytes.toString('utf8', start + 1, end));
    else this.#unknown(bytes, start, end);
  }

  #connected(json: string): void {
    const { pid } = JSON.parse(json) as { pid?: string };
    if (this.#session !== undefined && pid !== this.#session) this.#events.failed('the session was not recovered');
    this.#session = pid;
    this.#offset = this.#parts.resume?.position ?? '';
    this.#events.opened();
  }

  /** With recovery the id of the packet is the last argument: `…},"xyz"]`. */
  #remember(bytes: Buffer, end: number): void {
    if (bytes[end - 1] !== closingBracket || bytes[end - 2] !== quote) return;
    let from = end - 3;
    while (bytes[from] !== quote) from -= 1;
    this.#offset = bytes.toString('latin1', from + 1, end - 2);
  }

  #unknown(bytes: Buffer, start: number, end: number): void {
    this.#events.failed(`packet ${bytes.toString('utf8', start, Math.min(end, start + 100))}`);
  }
}

export const socketIoWire: WireFactory = (parts) => new SocketIoWire(parts);
