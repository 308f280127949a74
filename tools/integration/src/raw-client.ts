// A client that never loses a frame, on a bare socket: every byte it writes is the test's own, every byte that came is
// kept. It knows nothing of resuming, duplicates or order: what it received is what the service sent.
import { connect, type Socket } from 'node:net';
import type { AgentEvent, ClientFrame, ServerFrame, WelcomeFrame } from '@throughline/events/protocol';
import { parseResponse, type UpgradeRequest, type UpgradeResponse, upgradeText } from './upgrade.js';
import { clientFrame, closePayload, createFrameReader, type FrameShape, opcodes, type ServiceFrame } from './wire.js';

/** Anything the service says. */
export type Frame = AgentEvent | ServerFrame;

/** How a connection ended. */
export interface Ending {
  /** Of the service's close frame; 1005 when it held none, 1006 when no such frame came. */
  readonly code: number;
  readonly reason: string;
  /** Whether the service reset the connection instead of ending it. */
  readonly reset: boolean;
}

export interface RawClientOptions extends UpgradeRequest {
  /** Sent instead of the upgrade request. Empty: nothing is. */
  readonly request?: string;
  /** Sent in the same breath as the request, before anybody answered. */
  readonly early?: Uint8Array;
  /** Answers neither pings nor close frames. */
  readonly mute?: boolean;
  /** Acknowledges as PROTOCOL.md asks for, from every 16 KiB. Otherwise whoever promised acks must send them. */
  readonly keepsAcks?: boolean;
}

export interface RawClient {
  /** Everything the service said, in order. */
  readonly frames: readonly Frame[];
  /** Every byte that came, as text: what must not be in there is looked for here. */
  transcript(): string;
  /** What the service must never write and wrote. */
  readonly violations: readonly string[];
  /** How often the service asked whether this peer is alive. */
  readonly pings: number;
  /** Resolves when the TCP connection stands. */
  readonly connected: Promise<void>;
  /** Bytes that wait to be sent, because the service does not read. */
  readonly unsent: number;
  /** The answer to the upgrade. Rejects when the connection ended without one. */
  readonly response: Promise<UpgradeResponse>;
  readonly welcome: Promise<WelcomeFrame>;
  readonly closed: Promise<Ending>;
  /** The events since the last `reset`: what is before it is void. */
  events(run_id?: string): readonly AgentEvent[];
  /**
   * The first frame that matches, already received or yet to come.
   *
   * @param match a frame's type or a predicate
   * @param after how many frames to leave aside
   * @returns rejects when the connection ends before
   */
  next<Type extends Frame['type']>(match: Type, after?: number): Promise<Extract<Frame, { type: Type }>>;
  next(match: (frame: Frame) => boolean, after?: number): Promise<Frame>;
  send(frame: ClientFrame | object): void;
  /** A frame of any shape. */
  sendFrame(payload: string | Uint8Array, shape?: FrameShape): void;
  write(bytes: string | Uint8Array): void;
  /** Reads no more, so that the service meets real backpressure, until `resume`. */
  pause(): void;
  resume(): void;
  /** Begins the close handshake. */
  close(code?: number, reason?: string): void;
  /** Half-closes: nothing more will be sent. */
  end(): void;
  /** Resets the connection. */
  reset(): void;
}

const ackBytes = 16_384;

interface Waiter {
  readonly matches: (frame: Frame) => boolean;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

export function openRawClient(options: RawClientOptions): RawClient {
  const { hostname, port } = new URL(options.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
  const request = options.request ?? upgradeText(options);
  if (request !== '') socket.write(Buffer.concat([Buffer.from(request, 'latin1'), options.early ?? Buffer.alloc(0)]));
  return new BareClient(socket, options);
}

class BareClient implements RawClient {
  readonly frames: Frame[] = [];
  readonly violations: string[] = [];
  pings = 0;
  readonly connected: Promise<void>;
  readonly response: Promise<UpgradeResponse>;
  readonly welcome: Promise<WelcomeFrame>;
  readonly closed: Promise<Ending>;
  readonly #socket: Socket;
  readonly #options: RawClientOptions;
  readonly #chunks: Buffer[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #read: (bytes: Buffer) => void;
  #answered: ((response: UpgradeResponse) => void) | undefined;
  #unanswered: Buffer | undefined = Buffer.alloc(0);
  #ending: Ending = { code: 1006, reason: '', reset: false };
  #ended = false;
  #unacked = 0;
  #epoch = '';

  constructor(socket: Socket, options: RawClientOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#read = createFrameReader(
      (frame) => this.#take(frame),
      (violation) => this.violations.push(violation),
    );
    this.connected = new Promise((resolve) => socket.once('connect', resolve));
    let refuse: (error: Error) => void = () => {};
    this.response = new Promise((resolve, reject) => {
      this.#answered = resolve;
      refuse = reject;
    });
    this.response.catch(() => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        refuse(new Error('The connection ended before the upgrade was answered.'));
        for (const waiter of this.#waiters) waiter.reject(this.#over());
        resolve(this.#ending);
      });
    });
    this.welcome = this.next('welcome');
    this.welcome.catch(() => {});
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => socket.end());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.#ending = { ...this.#ending, reset: true };
    });
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  transcript(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  events(run_id?: string): readonly AgentEvent[] {
    const valid = this.frames.slice(this.frames.findLastIndex(({ type }) => type === 'reset') + 1);
    return valid.filter(
      (frame) => 'offset' in frame && (run_id === undefined || frame.run_id === run_id),
    ) as AgentEvent[];
  }

  next<Type extends Frame['type']>(match: Type, after?: number): Promise<Extract<Frame, { type: Type }>>;
  next(match: (frame: Frame) => boolean, after?: number): Promise<Frame>;
  next(match: string | ((frame: Frame) => boolean), after = 0): Promise<Frame> {
    const matches = typeof match === 'string' ? ({ type }: Frame) => type === match : match;
    const known = this.frames.slice(after).find(matches);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#over());
      else this.#waiters.add({ matches, resolve, reject });
    });
  }

  send(frame: object): void {
    this.sendFrame(JSON.stringify(frame));
  }

  sendFrame(payload: string | Uint8Array, shape?: FrameShape): void {
    this.write(clientFrame(payload, shape));
  }

  write(bytes: string | Uint8Array): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code = 1000, reason = ''): void {
    this.sendFrame(closePayload(code, reason), { opcode: opcodes.close });
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #receive(bytes: Buffer): void {
    this.#chunks.push(bytes);
    if (!this.#unanswered) {
      this.#read(bytes);
      return;
    }
    this.#unanswered = Buffer.concat([this.#unanswered, bytes]);
    const answer = parseResponse(this.#unanswered);
    if (!answer) return;
    const rest = this.#unanswered.subarray(answer.end);
    this.#unanswered = undefined;
    this.#answered?.(answer.response);
    if (answer.response.status === 101) this.#read(rest);
    else if (rest.length > 0) this.violations.push('bytes behind a refusal');
  }

  #take({ opcode, payload }: ServiceFrame): void {
    if (opcode === opcodes.text) this.#hear(payload);
    if (opcode === opcodes.ping) {
      this.pings += 1;
      if (!this.#options.mute) this.sendFrame(payload, { opcode: opcodes.pong });
    }
    if (opcode !== opcodes.close) return;
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#ending = { ...this.#ending, code, reason: payload.toString('utf8', 2) };
    if (!this.#options.mute) this.sendFrame(payload.subarray(0, 2), { opcode: opcodes.close });
  }

  #hear(payload: Buffer): void {
    const frame = JSON.parse(payload.toString()) as Frame;
    this.frames.push(frame);
    if (frame.type === 'welcome' || frame.type === 'reset') this.#epoch = frame.position.split('.')[0] as string;
    if ('offset' in frame) this.#acknowledge(frame, payload.length);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(frame)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(frame);
    }
  }

  #acknowledge({ offset, mark }: AgentEvent, bytes: number): void {
    if (!this.#options.keepsAcks) return;
    this.#unacked += bytes;
    if (this.#unacked < ackBytes) return;
    this.#unacked = 0;
    this.send({ type: 'ack', position: `${this.#epoch}.${offset}.${mark}` });
  }

  #over(): Error {
    const { code, reason } = this.#ending;
    const last = this.frames.slice(-5).map(({ type }) => type);
    return new Error(`The connection ended (${code} ${reason}) first; it last heard: ${last.join(', ') || 'nothing'}.`);
  }
}
