import { type Authenticator, jwtAuthenticator } from '@throughline/core/auth';
import { SignJWT } from 'jose';
import type { Login, Logins } from './logins.js';

/** What opens a socket: short-lived, for this service only, and worth nothing once its log-in has ended. */
export interface Tokens {
  mint(login: Login): Promise<string>;
  readonly authenticate: Authenticator;
}

const issuer = 'throughline-golden-path';
const audience = 'throughline-golden-path/ws';

export function createTokens(options: {
  readonly secret: Uint8Array;
  readonly lifeSeconds: number;
  readonly logins: Logins;
}): Tokens {
  const { secret, lifeSeconds, logins } = options;
  const verify = jwtAuthenticator({ secret, issuer, audience, algorithms: ['HS256'] });
  return {
    mint: ({ user_id, login_id }) =>
      new SignJWT({ sid: login_id })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(user_id)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
        .sign(secret),
    async authenticate(credentials) {
      const identity = await verify(credentials);
      const login_id = identity?.claims?.['sid'];
      return identity !== null && typeof login_id === 'string' && logins.isOn(login_id, identity.user_id)
        ? identity
        : null;
    },
  };
}
