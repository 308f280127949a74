// The contract of a dialect: how pages of another protocol are recognised, and how they are spoken with. Types only.
import type { AgentEvent, ClientFrame, RunId, ServerFrame, ThreadId } from '@throughline/events/protocol';
import type { Carrier } from './authenticator.js';

/** What an upgrade offers, as far as a dialect may look. Nothing of it was judged yet. */
export interface Offer {
  /** The items of `Sec-WebSocket-Protocol`, in their order. Some may hold tokens. */
  readonly subprotocols: readonly string[];
  readonly query: URLSearchParams;
}

/** A token that a dialect found. `query` is for tokens in an address, where proxies write them down. */
export interface OfferedCredentials {
  readonly token: string;
  readonly carrier: 'subprotocol' | 'ticket' | 'query';
}

/** What is said to a page: an object, written as JSON. A promise is none, since what is said later comes out of order. */
type Said = object & { readonly then?: never };

/** What a dialect may know while it reads what a client said. */
export interface Hearing {
  /** The unfinished runs of the session's user, oldest first. */
  readonly runs: readonly { readonly run_id: RunId; readonly thread_id: ThreadId }[];
  /** A fresh id, for what the client did not name. */
  id(): string;
}

/**
 * Another way to speak with pages, beside `throughline.v1`: for those that were written before it.
 *
 * A dialect translates and decides nothing. Who is let in, how much, for how long and what is read are the service's business, and
 * the same for all. Its functions are synchronous, remember nothing of a user, and are given nothing but what they translate.
 *
 * What throws, or answers with a promise or anything else that it may not, is told as a `fault` of telemetry, by the name of the error
 * alone. The event or frame that it was about is left out for that page, and everything else goes on: a page that was closed instead
 * would come back to the same event.
 */
export interface Dialect {
  /** What it is called in telemetry: 1 to 64 printable ASCII characters. */
  readonly name: string;
  /**
   * The subprotocols by which it may be selected, the first that is offered: constants, so that a token is never repeated. An upgrade
   * that offers subprotocols but none of these is refused with 400, since a browser would not open it. One that offers none is
   * answered with none.
   */
  readonly subprotocols: readonly string[];

  /** Where it looks for tokens; absent: in all three. When a page brings none, its operator is told where it was looked. */
  readonly carriers?: readonly OfferedCredentials['carrier'][];

  /**
   * Whether an upgrade is of this dialect, which anybody may send: nobody has judged it yet. Not asked when a version of `throughline` is offered.
   *
   * @returns the credentials it brings, at most one of each carrier, none for those that come in a header; `undefined` when it is not
   */
  recognise(offer: Offer): readonly OfferedCredentials[] | undefined;

  /**
   * Told when an upgrade that it recognised has become a session, for those that count.
   *
   * @param carriers all that brought a credential, the judged one first
   */
  admitted?(carriers: readonly Carrier[]): void;

  /** How a frame that is not an event is said; `undefined` leaves it out. The first is `welcome`. */
  frame(frame: ServerFrame): Said | undefined;

  /**
   * How an event is said; `undefined` leaves it out. Asked for each session of this dialect that reads it. While several of one user
   * read, what was answered serves the others too, as far as it is kept; neighbours that were joined for one slow reader are asked
   * about for that reader alone.
   */
  event(event: AgentEvent): Said | undefined;

  /**
   * What a text of a client means: one frame, several, or none, which counts as `frame_ignored`.
   *
   * The frames are checked as if a client had sent them. Whatever it means, one text counts as one frame.
   *
   * @throws FrameError of `@throughline/events/protocol` when it is illegal: the session closes with 4400. Its message quotes nothing
   *   that the client said
   */
  read(text: string, hearing: Hearing): readonly ClientFrame[];
}
