// A client without opinions: it never loses a frame, and every byte it writes is yours.
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ClientFrame, UserId, WelcomeFrame } from '@throughline/events/protocol';
import { testKitError } from './errors.js';
import type { Frame } from './frame.js';
import { closePayload, encodeFrame, type FrameShape, opcodes } from './frame-bytes.js';
import type { WireFrame } from './frame-splitter.js';
import { createInbox, type Inbox, type Match, type Matched } from './inbox.js';
import { createMessageReader } from './message-reader.js';
import { createRawAcks, type RawAcks } from './raw-acks.js';
import {
  createResponseReader,
  type UpgradeOptions,
  type UpgradeResponse,
  upgradeFlaws,
  upgradeRequest,
} from './upgrade.js';
import { createWaits, type WaitOptions, type Waits } from './waits.js';

/** How a connection ended. */
export interface Ending {
  /** Of the service's close frame: 1005 when it held none, 1006 when no such frame came. */
  readonly code: number;
  readonly reason: string;
  /** Whether the other side reset the TCP connection instead of ending it. */
  readonly reset: boolean;
}

/** How to knock, and how much is done by itself. */
export interface RawClientOptions extends UpgradeOptions, WaitOptions {
  /** Sent instead of the upgrade request. Empty: nothing is. */
  readonly request?: string;
  /** Sent in the same breath as the request, before anybody answered. */
  readonly early?: Uint8Array;
  /** Whether pings are answered. Default `automatic`. */
  readonly pongs?: 'automatic' | 'manual';
  /** Whether a close frame is answered. Default `automatic`. */
  readonly closing?: 'automatic' | 'manual';
  /** For `wss:`, such as `{ ca }` or `{ rejectUnauthorized: false }`. */
  readonly tls?: ConnectionOptions;
  /** Whom it connects as, for histories. `service.user().raw()` fills it in. */
  readonly user?: { readonly user_id: UserId; readonly tenant_id?: string };
}

/** One connection. What it awaits rejects with a {@link TestKitError} that says what was seen instead. */
export interface RawClient extends AsyncDisposable {
  readonly options: RawClientOptions;
  /** Everything the service said, in order. */
  readonly frames: readonly Frame[];
  /** Every WebSocket frame as it stood on the wire, control frames too. */
  readonly wire: readonly WireFrame[];
  /** What a service must never write, and this one wrote. An HTTP head beyond 64 KiB and a message beyond 17 MiB end the connection. */
  readonly violations: readonly string[];
  /** Every byte that came, as text: what must not be in there is looked for here. */
  transcript(): string;
  /** Where it stands: behind the last event that came, else where its reading opened. To resume from. */
  readonly position: string | undefined;
  /** How it ended; `undefined` while it has not. */
  readonly ending: Ending | undefined;
  /** How many bytes have come, the answer to the upgrade included. */
  readonly received: number;
  /** Bytes that wait to be sent, because the other side does not read. */
  readonly unsent: number;

  /** Takes frames up to the first that matches, already here or yet to come, and returns it. A wait that fails takes nothing. */
  next<const Wanted extends Match<Frame>>(match: Wanted, options?: WaitOptions): Promise<Matched<Frame, Wanted>>;
  /** The first frame of all that matches, already here or yet to come. Takes nothing. */
  find<const Wanted extends Match<Frame>>(match: Wanted, options?: WaitOptions): Promise<Matched<Frame, Wanted>>;
  /** Resolves when the TCP connection (and its TLS) stands. */
  connected(options?: WaitOptions): Promise<true>;
  /** The answer to the upgrade. */
  answered(options?: WaitOptions): Promise<UpgradeResponse>;
  welcomed(options?: WaitOptions): Promise<WelcomeFrame>;
  closed(options?: WaitOptions): Promise<Ending>;

  /** Sends a frame of the protocol, or any object. */
  send(frame: ClientFrame | object): void;
  /** Sends a WebSocket frame of any shape. */
  sendFrame(payload: string | Uint8Array, shape?: FrameShape): void;
  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void;
  ping(payload?: string | Uint8Array): void;
  pong(payload?: string | Uint8Array): void;
  /** Begins the close handshake. Without a code: an empty close frame. */
  close(code?: number, reason?: string | Uint8Array): void;
  /** Reads no more, so that the service meets real backpressure, until `resume`. */
  pause(): void;
  resume(): void;
  /** Half-closes: nothing more will be sent. */
  end(): void;
  /** Breaks the connection: with a TCP reset, or with a FIN and no close frame. */
  cut(how?: 'reset' | 'fin'): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a connection of its own making: no library stands between the test and the bytes.
 *
 * @param url of the service: `ws://127.0.0.1:1234/ws`, or `wss:`
 * @throws OPTION_INVALID when the URL is none of `ws:` and `wss:`, or a header field holds a line break
 */
export function rawClient(url: string | URL, options: RawClientOptions = {}): RawClient {
  const address = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (address?.protocol !== 'ws:' && address?.protocol !== 'wss:') {
    throw testKitError('OPTION_INVALID', 'The url of a raw client begins with ws: or wss:.');
  }
  return new BareClient(address, options);
}

class BareClient implements RawClient {
  readonly options: RawClientOptions;
  readonly wire: WireFrame[] = [];
  readonly violations: string[] = [];
  ending: Ending | undefined;
  /** The TCP connection, and what carries the bytes: the same unless there is TLS. */
  readonly #tcp: Socket;
  readonly #socket: Socket;
  readonly #waits: Waits;
  readonly #inbox: Inbox<Frame>;
  readonly #acks: RawAcks;
  readonly #chunks: Buffer[] = [];
  readonly #read: (bytes: Buffer) => void;
  #connected = false;
  #response: UpgradeResponse | undefined;
  readonly #readAnswer = createResponseReader();
  #received = 0;
  #close: Pick<Ending, 'code' | 'reason'> = { code: 1006, reason: '' };
  #reset = false;

  constructor(address: URL, options: RawClientOptions) {
    // Before anything is open: it may throw.
    const request = options.request ?? upgradeRequest(address, options);
    this.options = options;
    this.#waits = createWaits(() => this.#describe(), options.deadlineMs);
    this.#inbox = createInbox(this.#waits);
    this.#acks = createRawAcks(options.acks === 'automatic' ? (frame) => this.send(frame) : undefined);
    this.#read = createMessageReader({
      onFrame: (frame) => this.#onFrame(frame),
      onText: (text, bytes) => this.#onText(text, bytes),
      onViolation: (what) => this.violations.push(what),
      onExcess: (what) => this.#exceed(what),
    });
    const isSecure = address.protocol === 'wss:';
    const host = address.hostname.replace(/^\[|\]$/g, '');
    const port = Number(address.port || (isSecure ? 443 : 80));
    this.#tcp = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const tls = { socket: this.#tcp, host, servername: /[^\d.:]/.test(host) ? host : '', ...options.tls };
    this.#socket = isSecure ? connectTls(tls) : this.#tcp;
    this.#listen(isSecure ? 'secureConnect' : 'connect');
    const first = Buffer.concat([Buffer.from(request, 'latin1'), options.early ?? Buffer.alloc(0)]);
    if (first.length > 0) this.write(first);
  }

  get frames(): readonly Frame[] {
    return this.#inbox.frames;
  }

  get position(): string | undefined {
    return this.#acks.position;
  }

  get received(): number {
    return this.#received;
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  transcript(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  next<const Wanted extends Match<Frame>>(match: Wanted, options?: WaitOptions): Promise<Matched<Frame, Wanted>> {
    return this.#inbox.next(match, options);
  }

  find<const Wanted extends Match<Frame>>(match: Wanted, options?: WaitOptions): Promise<Matched<Frame, Wanted>> {
    return this.#inbox.find(match, options);
  }

  connected(options?: WaitOptions): Promise<true> {
    return this.#waits.until('the connection', () => this.#connected || undefined, options);
  }

  answered(options?: WaitOptions): Promise<UpgradeResponse> {
    return this.#waits.until('the answer to the upgrade', () => this.#response, options);
  }

  welcomed(options?: WaitOptions): Promise<WelcomeFrame> {
    return this.find('welcome', options);
  }

  closed(options?: WaitOptions): Promise<Ending> {
    return this.#waits.until('the end of the connection', () => this.ending, options);
  }

  send(frame: ClientFrame | object): void {
    if ('type' in frame && frame.type === 'threads') this.#acks.asked();
    this.sendFrame(JSON.stringify(frame));
  }

  sendFrame(payload: string | Uint8Array, shape?: FrameShape): void {
    this.write(encodeFrame(payload, shape));
  }

  write(bytes: string | Uint8Array): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(bytes);
  }

  ping(payload: string | Uint8Array = ''): void {
    this.sendFrame(payload, { opcode: 'ping' });
  }

  pong(payload: string | Uint8Array = ''): void {
    this.sendFrame(payload, { opcode: 'pong' });
  }

  close(code?: number, reason?: string | Uint8Array): void {
    this.sendFrame(closePayload(code, reason), { opcode: 'close' });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  cut(how: 'reset' | 'fin' = 'reset'): void {
    // TLS would say goodbye: the connection below it is what breaks.
    if (how === 'reset') this.#tcp.resetAndDestroy();
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.closed({ deadlineMs: Number.POSITIVE_INFINITY });
  }

  #listen(established: 'connect' | 'secureConnect'): void {
    this.#socket.once(established, () => {
      this.#connected = true;
      this.#waits.look();
    });
    this.#socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#socket.on('end', () => this.#socket.end());
    const onError = ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNRESET') this.#reset = true;
      else this.#close = { code: 1006, reason: code ?? 'the socket failed' };
    };
    this.#socket.on('error', onError);
    if (this.#tcp !== this.#socket) this.#tcp.on('error', onError);
    this.#socket.on('close', () => {
      this.#acks.stop();
      this.ending = { ...this.#close, reset: this.#reset };
      this.#waits.end();
    });
  }

  #receive(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#received += bytes.length;
    if (this.#response) {
      if (this.#response.status === 101) this.#read(bytes);
      else this.violations.push('bytes behind a refusal');
      return;
    }
    const answer = this.#readAnswer(bytes);
    if (!answer) return;
    if ('excess' in answer) {
      this.#exceed(answer.excess);
      return;
    }
    this.#response = answer.response;
    this.violations.push(...upgradeFlaws(answer.response, this.options));
    if (answer.response.status === 101) this.#read(answer.rest);
    else if (answer.rest.length > 0) this.violations.push('bytes behind a refusal');
    this.#waits.look();
  }

  /** Nothing more is kept of who says too much at once. */
  #exceed(what: string): void {
    this.violations.push(what);
    this.#close = { code: 1006, reason: what };
    this.cut();
  }

  #onFrame(frame: WireFrame): void {
    const { opcode, payload } = frame;
    this.wire.push(frame);
    if (opcode === opcodes.ping && this.options.pongs !== 'manual') this.pong(payload);
    if (opcode !== opcodes.close) return;
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#close = { code, reason: payload.toString('utf8', 2) };
    if (this.options.closing !== 'manual') this.sendFrame(payload.subarray(0, 2), { opcode: 'close' });
  }

  #onText(text: string, bytes: number): void {
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
      if (typeof frame.type !== 'string') throw new TypeError('no type');
    } catch {
      this.violations.push('text that is no frame');
      return;
    }
    this.#acks.heard(frame, bytes);
    this.#inbox.put(frame);
  }

  #describe(): string {
    const heard = this.#inbox.describe();
    if (this.ending) {
      const { code, reason, reset } = this.ending;
      return `The connection has ended (${[code, reason, reset ? 'reset' : ''].filter(Boolean).join(' ')}). ${this.#refusal()}${heard}`;
    }
    if (!this.#connected) return 'The connection does not stand yet.';
    if (!this.#response) return 'The connection stands; the upgrade is not answered yet.';
    return `The connection is open. ${this.#refusal()}${heard}`;
  }

  #refusal(): string {
    if (!this.#response || this.#response.status === 101) return '';
    return `The upgrade was refused: ${this.#response.status} ${this.#response.body} `;
  }
}
