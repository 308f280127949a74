// An issuer of tokens, and what somebody who is not the issuer would make.
import { createHmac } from 'node:crypto';
import { base64url, SignJWT } from 'jose';

export const issuer = 'https://issuer.example';
export const audience = 'throughline';
export const secret = 'a secret of the issuer, longer than 32 bytes';

/** Claims of a token: those of `user`, valid for ten minutes, with changes. A change to `undefined` takes one away. */
function claimsOf(user: string, changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: audience, sub: user, iat: now, exp: now + 600, ...changes };
}

/** A token that the issuer signed. */
export function tokenOf(user: string, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return signed(user, changes, secret);
}

/** A token for `user` that expires so many seconds from now. A fraction counts. */
export function tokenFor(user: string, seconds: number): Promise<string> {
  return tokenOf(user, { exp: Date.now() / 1000 + seconds });
}

/** Tokens that are not good for `user`, by what is wrong with them. */
export async function badTokens(user: string): Promise<Readonly<Record<string, string>>> {
  const good = await tokenOf(user);
  const [header = '', claims = '', signature = ''] = good.split('.');
  const none = part({ alg: 'none', typ: 'JWT' });
  const changed = part({ ...claimsOf('somebody-else', {}) });
  return {
    'alg none, unsigned': `${none}.${claims}.`,
    'alg none, with a signature': `${none}.${claims}.${signature}`,
    'wrong audience': await tokenOf(user, { aud: 'another-service' }),
    'no audience': await tokenOf(user, { aud: undefined }),
    'wrong issuer': await tokenOf(user, { iss: 'https://issuer.example.evil' }),
    'another key': await signed(user, {}, 'a secret that is not the issuer’s, and long'),
    'an empty key': hmac(`${header}.${claims}`, ''),
    expired: await tokenFor(user, -60),
    'no expiry': await tokenOf(user, { exp: undefined }),
    'not yet valid': await tokenOf(user, { nbf: Math.floor(Date.now() / 1000) + 300 }),
    'changed claims': `${header}.${changed}.${signature}`,
    'no subject': await tokenOf(user, { sub: undefined }),
    'a subject that is no id': await tokenOf('two words'),
    'cut short': good.slice(0, -10),
    'not a token': 'not-a-token',
    'very long': `${header}.${'A'.repeat(9_000)}.${signature}`,
  };
}

function signed(user: string, changes: Readonly<Record<string, unknown>>, key: string): Promise<string> {
  return new SignJWT(claimsOf(user, changes)).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key));
}

function hmac(input: string, key: string): string {
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

function part(value: unknown): string {
  return base64url.encode(JSON.stringify(value));
}
