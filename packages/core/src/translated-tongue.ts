// A dialect of others, as handshake and session use it: what it is given, what it may answer, and what becomes of what it throws.
import { type AgentEvent, type ClientFrame, FrameError, parseClientFrame } from '@throughline/events/protocol';
import type { Sink } from './cursor.js';
import type { Dialect, Hearing, Offer } from './dialect.js';
import { decodeEntry, forEachEntry } from './entries.js';
import { keptTextFrame, textFrame } from './framing.js';
import type { Telemetry } from './telemetry.js';
import type { Listener, Recognition, Tongue, Translation } from './tongue.js';
import { TranslatedFrames } from './translated-frames.js';
import type { User } from './user.js';

const nothing = Buffer.alloc(0);

export function createTranslatedTongue(dialect: Dialect, report: Telemetry): Tongue {
  return new TranslatedTongue(dialect, report);
}

class TranslatedTongue implements Tongue {
  readonly name: string;
  readonly #dialect: Dialect;
  readonly #report: Telemetry;
  /** By user, while there are sessions that read: what is built for one is never within reach of another. */
  readonly #frames = new WeakMap<User, TranslatedFrames>();

  constructor(dialect: Dialect, report: Telemetry) {
    this.name = dialect.name;
    this.#dialect = dialect;
    this.#report = report;
  }

  recognise(offer: Offer): Recognition | undefined {
    const credentials = this.#guarded('recognise an upgrade', () => {
      const found = this.#dialect.recognise(offer);
      if (found !== undefined && !Array.isArray(found)) throw new TypeError('Credentials are a list.');
      return found;
    });
    if (!credentials) return undefined;
    const { subprotocols } = this.#dialect;
    const selected = subprotocols.find((item) => offer.subprotocols.includes(item));
    const recognition = { tongue: this, selected, credentials };
    if (selected !== undefined || offer.subprotocols.length === 0) return recognition;
    const detail = `Offer ${subprotocols.join(' or ') || 'no subprotocol'} too: a token is never selected, and a browser wants an answer.`;
    return { ...recognition, refusal: { status: 400, code: 'BAD_REQUEST', detail } };
  }

  open({ user, session_id, sink }: Listener): Translation {
    const frames = this.#frames.get(user) ?? new TranslatedFrames();
    this.#frames.set(user, frames);
    frames.readers += 1;
    const hearing: Hearing = {
      get runs() {
        return [...user.runs.values()].map(({ run_id, thread_id }) => ({ run_id, thread_id }));
      },
      id: user.runtime.scheduler.id,
    };
    let ended = false;
    return {
      sink: new TranslatingSink(sink, user, frames, (event) => this.#sayEvent(event)),
      say: (frame) => this.#guarded(`say ${frame.type}`, () => textOf(this.#dialect.frame(frame))),
      hear: (text) => {
        const heard = this.#hear(text, hearing);
        const { user_id } = user.key;
        if (heard.length === 0) this.#report({ kind: 'frame_ignored', session_id, user_id, dialect: this.name });
        return heard;
      },
      end: () => {
        if (ended) return;
        ended = true;
        frames.readers -= 1;
        if (frames.readers === 0) this.#frames.delete(user);
      },
    };
  }

  #sayEvent(event: AgentEvent): string | undefined {
    const { type, offset } = event;
    return this.#guarded(`say ${type} at offset ${offset}`, () => textOf(this.#dialect.event(event)));
  }

  #hear(text: string, hearing: Hearing): readonly ClientFrame[] {
    let illegal: FrameError | undefined;
    const heard = this.#guarded('read a frame', () => {
      try {
        return this.#dialect.read(text, hearing).map((frame) => JSON.stringify(frame));
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        illegal = error;
        return [];
      }
    });
    if (illegal) throw illegal;
    // To pass over what a person said, because of a bug, would lose it without a word.
    if (!heard) throw new FrameError('this frame could not be read');
    return heard.map(parseClientFrame);
  }

  /** What a dialect throws may quote what it was given: the name of the error is all that is told. */
  #guarded<Answer>(what: string, ask: () => Answer): Answer | undefined {
    try {
      return ask();
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#report({ kind: 'fault', where: 'dialect', message: `${this.name} could not ${what}: ${name}` });
      return undefined;
    }
  }
}

function textOf(said: object | undefined): string | undefined {
  return said === undefined ? undefined : JSON.stringify(said);
}

/** Stands between a cursor and a socket. Whether it takes more is the socket's to say: nothing waits here. */
class TranslatingSink implements Sink {
  readonly #inner: Sink;
  readonly #user: User;
  readonly #frames: TranslatedFrames;
  readonly #say: (event: AgentEvent) => string | undefined;

  constructor(inner: Sink, user: User, frames: TranslatedFrames, say: (event: AgentEvent) => string | undefined) {
    this.#inner = inner;
    this.#user = user;
    this.#frames = frames;
    this.#say = say;
  }

  get writable(): boolean {
    return this.#inner.writable;
  }

  write(bytes: Buffer): void {
    // Cursors of an erased log write nothing more: the bytes are of the log as it is now.
    this.#frames.enter(this.#user.log?.epoch ?? '');
    const frames: Buffer[] = [];
    let start = 0;
    forEachEntry(bytes, (offset, end) => {
      frames.push(this.#frameOf(offset, bytes.subarray(start, end)));
      start = end;
    });
    const said = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
    if (said.length > 0) this.#inner.write(said);
  }

  #frameOf(offset: number, entry: Buffer): Buffer {
    const known = this.#frames.get(offset, entry.length);
    if (known) return known;
    const event = decodeEntry(entry) as AgentEvent;
    const isJoined = 'first_seq' in event;
    const text = this.#say(event);
    if (isJoined) return text === undefined ? nothing : textFrame(text);
    const frame = text === undefined ? nothing : keptTextFrame(text);
    this.#frames.put(offset, entry.length, frame);
    return frame;
  }
}
