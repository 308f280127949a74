// The contract of an authenticator: credentials in, a verified identity out.

import { isId, type TenantId, type UserId } from '@throughline/events/protocol';

/** Who a token speaks for, as an authenticator verified it. */
export interface Identity {
  /** 1 to 128 printable ASCII characters without spaces, as all ids. */
  readonly user_id: UserId;
  /** Where tenants exist: users of two tenants are two users, even if their ids are equal. */
  readonly tenant_id?: TenantId;
  /**
   * Which sign-in of the user this is, such as the `sid` of a token. Revoking a context ends what was minted under its
   * sign-in; without an id it ends everything of the user, since nothing tells the sign-ins apart.
   */
  readonly grant_id?: string;
  /** What else was verified about the user. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** When the credentials end, in milliseconds since the epoch. Absent: they do not end by themselves. */
  readonly expires_at?: number;
}

/**
 * How a token came: in the handshake, in a `token` frame of a live session, or in a call of the service's own code. `query`, a token in
 * an address, exists for pages of a dialect alone.
 */
export type Carrier = 'authorization' | 'subprotocol' | 'ticket' | 'query' | 'cookie' | 'in_band' | 'call';

/** What somebody presents to show who they are. */
export interface Credentials {
  readonly token: string;
  readonly carrier: Carrier;
}

/**
 * Turns credentials into an identity.
 *
 * `null` says: these credentials are not valid; the client is asked for better ones. A throw says: the authenticator
 * itself is down and nothing is known about them; the client is told to come back later. An outage that answered
 * `null` would log everybody out.
 */
export type Authenticator = (credentials: Credentials) => Identity | null | Promise<Identity | null>;

/** Whether what an authenticator answered names its user, and its tenant if there is one, by ids. */
export function isIdentity({ user_id, tenant_id, grant_id }: Identity): boolean {
  return isId(user_id) && (tenant_id === undefined || isId(tenant_id)) && (grant_id === undefined || isId(grant_id));
}
