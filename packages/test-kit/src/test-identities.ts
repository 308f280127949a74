// Who may come in: a table of tokens that were issued here, and nobody else.
import { randomBytes } from 'node:crypto';
import type { Authenticator, Identity } from '@throughline/core';

/** Who a token is for. */
export interface TestUserOptions {
  readonly tenant_id?: string;
  /** What else was verified about the user: `userContext.claims`. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How long each token is good for, in milliseconds from its issue. Default: it does not end. */
  readonly expiresInMs?: number;
  /** With an `authenticate` of your own: the token that it takes for this user's. */
  readonly token?: string;
}

export interface TestIdentities {
  /** Refuses every token that was not issued here, or was withdrawn. */
  readonly authenticate: Authenticator;
  /** A new token of a sign-in. */
  issue(user_id: string, grant_id: string, options: TestUserOptions): string;
  /** Withdraws all tokens of a sign-in. */
  withdraw(grant_id: string): void;
}

/** @param now the clock of the service */
export function createTestIdentities(now: () => number): TestIdentities {
  const identities = new Map<string, Identity>();
  return {
    authenticate({ token }) {
      const identity = identities.get(token);
      if (!identity || (identity.expires_at ?? Number.POSITIVE_INFINITY) <= now()) return null;
      return identity;
    },
    issue(user_id, grant_id, { tenant_id, claims, expiresInMs }) {
      const token = `test.${randomBytes(18).toString('base64url')}`;
      identities.set(token, {
        user_id,
        grant_id,
        ...(tenant_id !== undefined && { tenant_id }),
        ...(claims !== undefined && { claims }),
        ...(expiresInMs !== undefined && { expires_at: now() + expiresInMs }),
      });
      return token;
    },
    withdraw(grant_id) {
      for (const [token, identity] of identities) if (identity.grant_id === grant_id) identities.delete(token);
    },
  };
}
