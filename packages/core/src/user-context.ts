// User contexts: who a piece of work is for, minted by a service and by nothing else.
import { throughlineError } from './errors.js';
import type { User } from './user.js';

/**
 * Who a piece of work is for: a verified identity, minted by the service from an authorization token.
 *
 * Frozen. A copy, a look-alike or the context of another service is refused wherever a context is asked for.
 */
export interface UserContext {
  readonly user_id: string;
  readonly tenant_id: string;
  /** What the authenticator verified about the user beside the ids. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a service knows of a context that it minted. */
export interface Minting {
  readonly user: User;
  /** The user's generation when the context was minted: a revocation begins a new one. */
  readonly generation: number;
}

class MintedContext implements UserContext {
  readonly user_id: string;
  readonly tenant_id: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly #minting: Minting;

  constructor(user: User, claims: Readonly<Record<string, unknown>>) {
    this.user_id = user.key.user_id;
    this.tenant_id = user.key.tenant_id;
    this.claims = claims;
    this.#minting = { user, generation: user.generation };
    Object.freeze(this);
  }

  /** A private field cannot be copied, spread, inherited through a prototype or reached through a proxy. */
  static mintingOf(value: unknown): Minting | undefined {
    return typeof value === 'object' && value !== null && #minting in value ? value.#minting : undefined;
  }
}

/** Mints a context. Only the service may call this, after its authenticator has spoken. */
export function mintUserContext(user: User, claims: Readonly<Record<string, unknown>>): UserContext {
  return new MintedContext(user, Object.freeze({ ...claims }));
}

/**
 * The user behind a context.
 *
 * @throws CONTEXT_FORGED when no service of this copy of the package minted it; CONTEXT_REVOKED when its user was
 *   revoked since; SERVICE_CLOSED when its service is closed
 */
export function userOf(context: UserContext): User {
  const minting = MintedContext.mintingOf(context);
  if (!minting) {
    throw throughlineError('CONTEXT_FORGED', 'This user context was not minted by a service of this package.');
  }
  if (minting.user.runtime.closed)
    throw throughlineError('SERVICE_CLOSED', 'The service of this user context is closed.');
  if (minting.generation !== minting.user.generation) {
    throw throughlineError('CONTEXT_REVOKED', 'This user context was revoked.');
  }
  return minting.user;
}
