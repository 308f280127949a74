// User contexts: who a piece of work is for, minted by a service and by nothing else.
import type { RunId, TenantId, ThreadId, UserId } from '@throughline/events/protocol';

/** What a narrowed context may be used for: one thread, or what one run starts in it. */
export interface Scope {
  readonly thread_id: ThreadId;
  readonly run_id?: RunId;
}

/** Only what was minted has it, as far as the compiler is concerned. There is nothing there at run time. */
declare const minted: unique symbol;

/**
 * Who a piece of work is for: a verified identity, minted by the service from an authorization token.
 *
 * Frozen. A copy, a look-alike or the context of another service is refused wherever a context is asked for.
 */
export interface UserContext {
  readonly [minted]: true;
  readonly user_id: UserId;
  readonly tenant_id: TenantId;
  /** What the authenticator verified about the user beside the ids. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Present on a narrowed context. */
  readonly scope?: Scope;
}

/** One sign-in of a user. What was minted under it ends with it. */
export interface Grant {
  /** How the authenticator calls it; empty where it does not tell them apart. */
  readonly id: string;
  revoked: boolean;
}

/** What a service remembers of a context that it minted. */
export interface Minting {
  /** The record of the user it was minted for. */
  readonly user: object;
  readonly grant: Grant;
  /** How the service that minted it is called. */
  readonly service: string;
  /** When the credential behind it expires, in ms since the epoch. Work goes on; a session made from it does not. */
  readonly expiresAt: number;
  /** When the context itself ends. */
  readonly endsAt: number;
}

/** Says who minted a context to other copies of this package, which cannot read the private field. */
const mintedBy = Symbol.for('throughline.minted-by');

/** The claims of whoever has none. */
export const noClaims: Readonly<Record<string, unknown>> = Object.freeze({});

class MintedContext implements UserContext {
  declare readonly [minted]: true;
  readonly user_id: UserId;
  readonly tenant_id: TenantId;
  readonly claims: Readonly<Record<string, unknown>>;
  declare readonly scope?: Scope;
  readonly #minting: Minting;

  constructor(minting: Minting, { user_id, tenant_id, claims, scope }: Omit<UserContext, typeof minted>) {
    this.user_id = user_id;
    this.tenant_id = tenant_id;
    this.claims = claims === noClaims ? claims : Object.freeze({ ...claims });
    if (scope) this.scope = Object.freeze({ ...scope });
    this.#minting = minting;
    Object.defineProperty(this, mintedBy, { value: minting.service });
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
export function mintUserContext(minting: Minting, identity: Omit<UserContext, typeof minted>): UserContext {
  return new MintedContext(minting, identity);
}

/** How a context was minted; `undefined` for anything that this copy of the package has not minted. */
export function mintingOf(value: unknown): Minting | undefined {
  return MintedContext.mintingOf(value);
}

/** Why a value is no context of this package, in words. */
export function forgery(value: unknown): string {
  const service = serviceOf(value);
  if (service === undefined) return 'This user context was not minted by a service.';
  return `This user context comes from service ${JSON.stringify(service)} through a copy, or another copy of the package.`;
}

function serviceOf(value: unknown): string | undefined {
  try {
    const name = (value as { [mintedBy]?: unknown } | undefined)?.[mintedBy];
    return typeof name === 'string' ? name : undefined;
  } catch {
    // Whoever forges contexts may also forge what reading them does.
    return undefined;
  }
}
