// User contexts: who a piece of work is for, minted by a service and by nothing else.

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

/** What a service remembers of a context that it minted. */
export interface Minting {
  /** The record of the user it was minted for. */
  readonly user: object;
  /** The user's generation at that time: a revocation begins a new one. */
  readonly generation: number;
}

class MintedContext implements UserContext {
  readonly user_id: string;
  readonly tenant_id: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly #minting: Minting;

  constructor(minting: Minting, { user_id, tenant_id, claims }: UserContext) {
    this.user_id = user_id;
    this.tenant_id = tenant_id;
    this.claims = Object.freeze({ ...claims });
    this.#minting = minting;
    Object.freeze(this);
  }

  static {
    // Every object leads to its class, and this class leads to the mint.
    Reflect.deleteProperty(MintedContext.prototype, 'constructor');
  }

  /** A private field cannot be copied, spread, inherited through a prototype or reached through a proxy. */
  static mintingOf(value: unknown): Minting | undefined {
    return typeof value === 'object' && value !== null && #minting in value ? value.#minting : undefined;
  }
}

/** Mints a context. For the record of a user alone, after the service's authenticator has spoken. */
export function mintUserContext(minting: Minting, identity: UserContext): UserContext {
  return new MintedContext(minting, identity);
}

/** How a context was minted; `undefined` for anything that this copy of the package has not minted. */
export function mintingOf(value: unknown): Minting | undefined {
  return MintedContext.mintingOf(value);
}
