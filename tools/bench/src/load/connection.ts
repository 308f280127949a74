// One connection of the generator: a raw socket, a wire and a tally.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Resume, Wire, WireEvents, WireFactory } from '../wires/wire.js';
import type { Tally } from './tally.js';

/** Where to and how. */
export interface ConnectionParts {
  readonly port: number;
  readonly tls: boolean;
  /** The address to come from: ports are many, but not endless. */
  readonly localAddress: string;
  readonly wire: WireFactory;
  readonly token: string;
  readonly resume?: Resume | undefined;
  readonly tally: Tally;
  /** All connections read into it, one after the other: nothing is allocated for what comes. */
  readonly buffer: Uint8Array;
  readonly now: () => number;
  /** Told the age of an event in µs. */
  readonly onAge: ((age: number) => void) | undefined;
  readonly onAccepted: (connection: Connection) => void;
}

const numberStart = Buffer.from('"n":');
const timeStart = Buffer.from(',"at":');
const digitZero = 48;
const digitNine = 57;

export class Connection implements WireEvents {
  readonly tally: Tally;
  /** Resolves when the peer has let it in; rejects when it refuses. */
  readonly opening: Promise<void>;
  readonly #parts: ConnectionParts;
  readonly #wire: Wire;
  readonly #socket: Socket;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #failure: string | undefined;
  #dropped = false;
  /** Bytes of the number that was read last. */
  #digits = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.tally = parts.tally;
    this.opening = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#wire = parts.wire({ token: parts.token, resume: parts.resume, events: this });
    this.#socket = this.#connect();
  }

  /** Why it is of no use any more; `undefined` while it is. */
  get failure(): string | undefined {
    return this.#failure ?? this.tally.faults[0];
  }

  get resume(): Resume | undefined {
    return this.#wire.resume;
  }

  tick(nowMs: number): void {
    this.#wire.tick?.(nowMs);
  }

  say(id: string): void {
    this.#socket.write(this.#wire.message(id));
  }

  /** Stops reading: the peer's bytes stay in the network, then with the peer. */
  pause(): void {
    this.#socket.pause();
  }

  unpause(): void {
    this.#socket.resume();
  }

  /** Breaks off without a word, as a phone does that loses its network. */
  drop(): void {
    this.#dropped = true;
    this.#socket.resetAndDestroy();
  }

  opened(): void {
    this.#settle?.resolve();
    this.#settle = undefined;
  }

  event(bytes: Buffer, start: number, end: number): void {
    const at = bytes.indexOf(numberStart, start);
    // The beginning of a run has no number: it is nothing that was said.
    if (at < 0 || at >= end) return;
    const number = at + numberStart.length;
    this.tally.take(this.#digitsAt(bytes, number));
    const { onAge, now } = this.#parts;
    if (onAge) onAge(now() - this.#digitsAt(bytes, number + this.#digits + timeStart.length));
  }

  accepted(): void {
    this.#parts.onAccepted(this);
  }

  excused(): void {
    this.tally.excuse();
  }

  send(text: string | Buffer): void {
    this.#socket.write(text);
  }

  failed(reason: string): void {
    if (this.#dropped) return;
    this.#failure ??= reason;
    this.#settle?.reject(new Error(reason));
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #connect(): Socket {
    const { port, tls, localAddress, buffer } = this.#parts;
    const onread = {
      buffer,
      callback: (length: number, bytes: Uint8Array) => {
        this.#wire.feed(Buffer.from(bytes.buffer, bytes.byteOffset, length));
        return true;
      },
    };
    const where = { port, host: '127.0.0.1', localAddress, noDelay: true, onread };
    const socket = tls
      ? // The certificate was made a moment ago, by the same run.
        connectTls({ ...where, rejectUnauthorized: false })
      : connectTcp(where);
    const hello = this.#wire.hello();
    if (hello !== '') socket.write(hello);
    socket.on('error', (error) => this.failed(error.message));
    socket.on('close', () => this.failed('the peer closed the connection'));
    return socket;
  }

  #digitsAt(bytes: Buffer, start: number): number {
    let at = start;
    let value = 0;
    for (let digit = bytes[at] as number; digit >= digitZero && digit <= digitNine; digit = bytes[at] as number) {
      value = value * 10 + digit - digitZero;
      at += 1;
    }
    this.#digits = at - start;
    return value;
  }
}
