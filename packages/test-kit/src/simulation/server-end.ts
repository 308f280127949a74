// The service's end of a connection: a stream as `node:http` hands it over with an upgrade.
import { Duplex } from 'node:stream';

/** What a stream asks of its connection. */
export interface Wire {
  write(bytes: Buffer, taken: () => void): void;
  /** No more is written. */
  end(): void;
  /** It takes what comes. */
  resume(): void;
  /** It is destroyed. */
  gone(): void;
  /** So many bytes wait in the stream, in the memory of the service. */
  waiting(bytes: number): void;
}

/** The marks of a socket of Node 20, in bytes. */
const highWaterMark = 16_384;

export class ServerEnd extends Duplex {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super({ highWaterMark });
    this.#wire = wire;
  }

  // What `ws` and `node:http` ask of a socket beside that it is a stream.
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  override write(chunk: unknown, ...more: never[]): boolean {
    const taken = super.write(chunk, ...more);
    if (!taken) this.#wire.waiting(this.writableLength);
    return taken;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#wire.write(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#wire.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _read(): void {
    this.#wire.resume();
  }

  override _final(done: () => void): void {
    this.#wire.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.gone();
    done(error);
  }
}
