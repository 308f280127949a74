// The contract of an authenticator: credentials in, a verified identity out. Types only.

/** Who a token speaks for, as an authenticator verified it. */
export interface Identity {
  /** 1 to 128 printable ASCII characters without spaces, as all ids. */
  readonly user_id: string;
  /** Where tenants exist: users of two tenants are two users, even if their ids are equal. */
  readonly tenant_id?: string;
  /** What else was verified about the user. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** When the credentials end, in milliseconds since the epoch. Absent: they do not end by themselves. */
  readonly expires_at?: number;
}

/** How a token came: in the handshake, in a `token` frame of a live session, or in a call of the service's own code. */
export type Carrier = 'authorization' | 'subprotocol' | 'cookie' | 'in_band' | 'call';

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
