// Who may come in. A stand-in for the sign-in that you have: anybody who knows the one password, for ten minutes.
import { randomBytes } from 'node:crypto';
import type { Authenticator } from '@throughline/core';
import { jwtAuthenticator } from '@throughline/core/auth';
import { SignJWT } from 'jose';

export const examplePassword = 'throughline';

const names = { issuer: 'frameworks', audience: 'frameworks' } as const;

export interface Credentials {
  readonly user?: string;
  readonly password?: string;
}

export interface SignIn {
  /** A token for the user of these credentials; `null` when they are no good. */
  readonly tokenFor: (credentials: Credentials | null | undefined) => Promise<string | null>;
  readonly authenticate: Authenticator;
}

export function createSignIn(): SignIn {
  const secret = randomBytes(32);
  return {
    authenticate: jwtAuthenticator({ secret, ...names }),
    async tokenFor(credentials) {
      const { user, password } = credentials ?? {};
      if (!user || password !== examplePassword) return null;
      const token = new SignJWT({ sub: user, iss: names.issuer, aud: names.audience }).setExpirationTime('10 minutes');
      return token.setProtectedHeader({ alg: 'HS256' }).sign(secret);
    },
  };
}
