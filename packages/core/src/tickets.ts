// One-time tickets, for pages that can set neither a header nor a subprotocol: worth one handshake, soon.
import { createHash, randomBytes } from 'node:crypto';
import type { Identity } from './authenticator.js';
import { sameUser, userKeyOf } from './envelope.js';
import type { UserKey } from './log.js';
import type { Grant } from './user-context.js';

/** A ticket. */
export interface Ticket {
  /** 43 characters of base64url: 32 random bytes. Goes into the query of the socket's URL as `ticket`. */
  readonly ticket: string;
  readonly expires_in_ms: number;
}

interface Holder {
  readonly identity: Identity;
  readonly grant: Grant;
  readonly endsAt: number;
}

/** Tickets held at once: each is a few hundred bytes, and lives for seconds. */
const mostTickets = 100_000;

export class Tickets {
  readonly #now: () => number;
  readonly #ttlMs: number;
  /** By the hash of the ticket: whoever reads this memory cannot use what is in it. Oldest first. */
  readonly #holders = new Map<string, Holder>();

  constructor(now: () => number, ttlMs: number) {
    this.#now = now;
    this.#ttlMs = ttlMs;
  }

  /** Issues a ticket that stands for an identity, as long as the sign-in it comes from is not revoked. */
  issue(identity: Identity, grant: Grant): Ticket {
    this.#expire();
    const ticket = randomBytes(32).toString('base64url');
    this.#holders.set(hashOf(ticket), { identity, grant, endsAt: this.#now() + this.#ttlMs });
    return { ticket, expires_in_ms: this.#ttlMs };
  }

  /** Whom a ticket stands for. It can still be used afterwards. */
  peek(ticket: string): Identity | undefined {
    const holder = this.#holders.get(hashOf(ticket));
    return holder && holder.endsAt > this.#now() && !holder.grant.revoked ? holder.identity : undefined;
  }

  /** Uses a ticket up: of any number of attempts, one gets whom it stands for. */
  consume(ticket: string): Identity | undefined {
    const identity = this.peek(ticket);
    this.#holders.delete(hashOf(ticket));
    return identity;
  }

  /**
   * Voids the tickets of a user, or those of one sign-in.
   *
   * A ticket does not hold its user: the record that knew of the sign-in may be gone, and another in its place.
   */
  revoke(key: UserKey, grant?: Grant): void {
    for (const [hash, { identity }] of this.#holders) {
      const isMeant = grant === undefined || grant.id === (identity.grant_id ?? '');
      if (isMeant && sameUser(userKeyOf(identity), key)) this.#holders.delete(hash);
    }
  }

  #expire(): void {
    const now = this.#now();
    for (const [hash, { endsAt }] of this.#holders) {
      if (endsAt > now && this.#holders.size < mostTickets) return;
      this.#holders.delete(hash);
    }
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
