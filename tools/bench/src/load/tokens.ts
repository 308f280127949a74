// The tokens with which the crowd comes in, signed before anything is measured.
import { importPKCS8, SignJWT } from 'jose';
import { audience, issuer } from '../peers/authentication.js';

/** @param privateKey PEM of an ES256 key */
export async function signTokens(privateKey: string, count: number): Promise<ReadonlyMap<number, string>> {
  const key = await importPKCS8(privateKey, 'ES256');
  const tokens = new Map<number, string>();
  for (let user = 0; user < count; user++) {
    const token = new SignJWT({ sub: `u${user}` }).setProtectedHeader({ alg: 'ES256' });
    tokens.set(
      user,
      await token.setIssuer(issuer).setAudience(audience).setIssuedAt().setExpirationTime('1h').sign(key),
    );
  }
  return tokens;
}
