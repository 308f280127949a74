// What the generator speaks: the client's end of a protocol, as bytes. No library, so that a client costs next to nothing.

/** Where whoever comes back wants to read on. */
export interface Resume {
  readonly position: string;
  /** Where the position alone does not say who asks. */
  readonly session?: string;
}

/** What a wire tells its connection. */
export interface WireEvents {
  /** The peer has let it in. */
  opened(): void;
  /** An event came: these bytes hold it, and are only valid during the call. */
  event(bytes: Buffer, start: number, end: number): void;
  /** A message was accepted. */
  accepted(): void;
  /** The peer said that some events will not come. */
  excused(): void;
  send(text: string | Buffer): void;
  /** Something came that the protocol does not know, or a refusal. */
  failed(reason: string): void;
}

/** The client's end of one connection. */
export interface Wire {
  /** What to say first. */
  hello(): string;
  /** Takes what came. The bytes are only valid during the call. */
  feed(bytes: Buffer): void;
  /** Says something to the peer. It answers with an acceptance. */
  message(id: string): string | Buffer;
  /** Called about ten times a second. */
  tick?(nowMs: number): void;
  /** Where a connection after this one would read on; `undefined` where the protocol knows no such thing. */
  readonly resume?: Resume | undefined;
}

/** Whose connection it is. */
export interface WireParts {
  readonly token: string;
  readonly resume?: Resume | undefined;
  readonly events: WireEvents;
}

export type WireFactory = (parts: WireParts) => Wire;

/** What people say: the same for all peers. */
export const messageText = 'And what of the costs in March?';

/** Joins what came with what was left, for those whose unit may be cut in two. */
export class Remainder {
  #left: Buffer | undefined;

  /** The bytes to look at now. */
  with(bytes: Buffer): Buffer {
    if (!this.#left) return bytes;
    const joined = Buffer.concat([this.#left, bytes]);
    this.#left = undefined;
    return joined;
  }

  /** Keeps what is not whole yet: a copy, since the bytes are somebody else's. */
  keep(bytes: Buffer, from: number): void {
    if (from < bytes.length) this.#left = Buffer.from(bytes.subarray(from));
  }
}

const lineFeed = 10;

/** The lines of what came, each without its end. */
export class Lines {
  readonly #remainder = new Remainder();

  each(bytes: Buffer, take: (bytes: Buffer, start: number, end: number) => void): void {
    const all = this.#remainder.with(bytes);
    let start = 0;
    for (let end = all.indexOf(lineFeed); end >= 0; end = all.indexOf(lineFeed, start)) {
      take(all, start, end);
      start = end + 1;
    }
    this.#remainder.keep(all, start);
  }
}
