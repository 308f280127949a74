// Tokens that nobody issued.
import { randomBytes } from 'node:crypto';

/** By what is wrong with them. Each is as long as any token, so that nothing but the check of it refuses it. */
export function wrongTokens(good: string): Readonly<Record<string, string>> {
  const [header, claims, signature] = good.split('.');
  const isJwt = header !== undefined && claims !== undefined && signature !== undefined;
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return {
    'an invented token': randomBytes(24).toString('base64url'),
    'a changed token': changed(good),
    ...(isJwt && { 'an unsigned token': `${unsigned}.${claims}.` }),
  };
}

/** Another character in the middle: at the end of base64 some bits mean nothing. */
function changed(token: string): string {
  const middle = Math.floor(token.length / 2);
  const place = token[middle] === '.' ? middle + 1 : middle;
  const other = token[place] === 'A' ? 'B' : 'A';
  return `${token.slice(0, place)}${other}${token.slice(place + 1)}`;
}
