// A dialect of others, as handshake and session use it: what it is given, what it may answer, and what becomes of what it throws.
import { type AgentEvent, type ClientFrame, FrameError, parseClientFrame } from '@throughline/events/protocol';
import type { Carrier } from './authenticator.js';
import { offeredCarriers } from './credentials.js';
import type { Sink } from './cursor.js';
import type { Dialect, Hearing, Offer, OfferedCredentials } from './dialect.js';
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
  readonly carriers: readonly OfferedCredentials['carrier'][];
  readonly #dialect: Dialect;
  readonly #report: Telemetry;
  /** By user: what is built for one is never within reach of another. */
  readonly #frames = new WeakMap<User, TranslatedFrames>();

  constructor(dialect: Dialect, report: Telemetry) {
    this.name = dialect.name;
    this.carriers = dialect.carriers ?? offeredCarriers;
    this.#dialect = dialect;
    this.#report = report;
  }

  recognise(offer: Offer): Recognition | undefined {
    const credentials = this.#guarded('recognise an upgrade', () => {
      const found = atOnce(this.#dialect.recognise(offer));
      return found?.map(({ token, carrier }) => this.#checked({ token, carrier }));
    });
    if (!credentials) return undefined;
    const { subprotocols } = this.#dialect;
    const selected = subprotocols.find((item) => offer.subprotocols.includes(item));
    const recognition = { tongue: this, selected, credentials };
    if (selected !== undefined || offer.subprotocols.length === 0) return recognition;
    const detail = `Offer ${subprotocols.join(' or ') || 'no subprotocol'} too: a token is never selected, and a browser wants an answer.`;
    return { ...recognition, refusal: { status: 400, code: 'BAD_REQUEST', detail } };
  }

  admitted(carriers: readonly Carrier[]): void {
    this.#guarded('take note of a session', () => atOnce(this.#dialect.admitted?.(carriers)));
  }

  open({ user, session_id, sink }: Listener): Translation {
    const frames = this.#frames.get(user) ?? new TranslatedFrames();
    this.#frames.set(user, frames);
    frames.join();
    const hearing: Hearing = {
      get runs() {
        return [...user.runs.values()].map(({ run_id, thread_id }) => ({ run_id, thread_id }));
      },
      id: user.runtime.scheduler.id,
    };
    let ended = false;
    return {
      sink: new TranslatingSink(sink, user, frames, (event) => this.#sayEvent(event)),
      say: (frame) => {
        // Of a log that was erased nothing is kept until somebody writes to it again.
        if (frame.type === 'reset') frames.enter(epochOf(user));
        return this.#guarded(`say ${frame.type}`, () => textOf(this.#dialect.frame(frame))) || undefined;
      },
      hear: (text) => {
        const heard = this.#hear(text, hearing);
        const { user_id } = user.key;
        if (heard.length === 0) this.#report({ kind: 'frame_ignored', session_id, user_id, dialect: this.name });
        return heard;
      },
      end: () => {
        if (ended) return;
        ended = true;
        frames.leave();
      },
    };
  }

  #checked(found: OfferedCredentials): OfferedCredentials {
    if (typeof found.token === 'string' && this.carriers.includes(found.carrier)) return found;
    throw new TypeError('Credentials are a token and a carrier.');
  }

  /** Empty for what is left out, `undefined` for what could not be said. */
  #sayEvent(event: AgentEvent): string | undefined {
    const { type, offset } = event;
    return this.#guarded(`say ${type} at offset ${offset}`, () => textOf(this.#dialect.event(event)));
  }

  #hear(text: string, hearing: Hearing): readonly ClientFrame[] {
    let illegal: FrameError | undefined;
    const heard = this.#guarded('read a frame', () => {
      try {
        return atOnce(this.#dialect.read(text, hearing)).map(frameText);
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

/** What a dialect answered, unless it answers later: nobody waits for that, and what it fails with is nobody's surprise. */
function atOnce<Answer>(answer: Answer): Answer {
  if (typeof (answer as { readonly then?: unknown } | null | undefined)?.then !== 'function') return answer;
  Promise.resolve(answer).catch(() => {});
  throw new TypeError('A dialect answers at once.');
}

/** What is said as text, empty when it is left out. */
function textOf(said: object | undefined): string {
  if (atOnce(said) === undefined) return '';
  if (typeof said !== 'object' || said === null) throw new TypeError('What is said is an object.');
  return JSON.stringify(said);
}

/** A frame that a text stands for, as text. What nests too deeply to be written came from the page: no fault of the dialect. */
function frameText(frame: ClientFrame): string {
  try {
    return JSON.stringify(frame);
  } catch (error) {
    if (error instanceof RangeError) throw new FrameError('this frame nests too deeply');
    throw error;
  }
}

function epochOf(user: User): string {
  return user.log?.epoch ?? '';
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
    this.#frames.enter(epochOf(this.#user));
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
    // What could not be said once may be said to the next: nothing is kept of it.
    if (text === undefined) return nothing;
    if (isJoined || !this.#frames.shared) return text === '' ? nothing : textFrame(text);
    const frame = text === '' ? nothing : keptTextFrame(text);
    this.#frames.put(offset, entry.length, frame);
    return frame;
  }
}
