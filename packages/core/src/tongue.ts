// What handshake and session ask of a dialect, be it ours or another: one code path for all.
import {
  type ClientFrame,
  closeCodes,
  parseClientFrame,
  type ServerFrame,
  type SessionId,
  subprotocol,
} from '@throughline/events/protocol';
import type { Carrier } from './authenticator.js';
import { isVersion, offeredCredentials } from './credentials.js';
import type { Sink } from './cursor.js';
import type { Offer, OfferedCredentials } from './dialect.js';
import type { Refusal } from './refusal.js';
import type { User } from './user.js';

/** An upgrade that a dialect knows. */
export interface Recognition {
  readonly tongue: Tongue;
  /** The subprotocol to select; `undefined` for none. */
  readonly selected: string | undefined;
  readonly credentials: readonly OfferedCredentials[];
  /** Why it cannot be served all the same. */
  readonly refusal?: Refusal;
}

/** For whom a session speaks, and where what it says goes. */
export interface Listener {
  readonly user: User;
  readonly session_id: SessionId;
  readonly sink: Sink;
}

/** A dialect at work in one session. */
export interface Translation {
  /** Where the cursor writes encoded entries; absent where the bytes of the log's slices pass through nothing. */
  readonly sink?: Sink;
  /** A frame as text; `undefined` when it is left out. */
  say(frame: ServerFrame): string | undefined;
  /** @throws FrameError */
  hear(text: string): readonly ClientFrame[];
  /** The session is gone. */
  end(): void;
}

/** A dialect, as the service uses it. */
export interface Tongue {
  /** Absent for `throughline.v1`. */
  readonly name?: string;
  /** Where it looks for credentials. */
  readonly carriers: readonly OfferedCredentials['carrier'][];
  recognise(offer: Offer): Recognition | undefined;
  /** What it recognised has become a session. */
  admitted?(carriers: readonly Carrier[]): void;
  open(listener: Listener): Translation;
}

/** One for all sessions: it has nothing to remember. */
const nativeTranslation: Translation = {
  say: (frame) => JSON.stringify(frame),
  hear: (text) => [parseClientFrame(text)],
  end: () => {},
};

/** `throughline.v1`: what the log holds is what is sent. */
export const nativeTongue: Tongue = {
  carriers: ['subprotocol', 'ticket'],
  recognise(offer) {
    const versions = offer.subprotocols.filter(isVersion);
    if (versions.length === 0) return undefined;
    const credentials = offeredCredentials(offer.subprotocols, offer.query.get('ticket'));
    if (versions.includes(subprotocol)) return { tongue: nativeTongue, selected: subprotocol, credentials };
    // A browser fails a connection whose subprotocol it did not offer: it would never see the close that says
    // "this version is gone". So whoever offers other versions only gets the first of those.
    const reason = `only ${subprotocol} is spoken here`;
    const refusal = { close: closeCodes.versionGone, code: 'VERSION_GONE', reason };
    return { tongue: nativeTongue, selected: versions[0], credentials, refusal };
  },
  open: () => nativeTranslation,
};
