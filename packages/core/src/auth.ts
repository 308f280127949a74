// Authentication by JSON Web Token (RFC 7519, with the advice of RFC 8725): the entry `@throughline/core/auth`.
import { isId } from '@throughline/events/protocol';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { keySetVerification, publishedVerification } from './auth/jwks.js';
import {
  booleanOption,
  demandOneSource,
  type JwtAuthenticatorOptions,
  nameOption,
  namesOption,
  numberOption,
} from './auth/options.js';
import { publicKeyVerification, secretVerification, type Verification } from './auth/verification-key.js';
import type { Authenticator, Identity } from './authenticator.js';
import { isThroughlineError, throughlineError } from './errors.js';

export type { JwtAlgorithm, JwtAuthenticatorOptions, JwtKeySource, JwtRules } from './auth/options.js';
export type { Authenticator, Carrier, Credentials, Identity } from './authenticator.js';

/** Longer tokens are refused unread, in characters: half of the 16 KiB that Node takes for all headers together. */
const maxTokenLength = 8_192;

/** The last moment that a Date can hold, in milliseconds since the epoch (ECMA-262, 21.4.1.1). */
const lastMoment = 8.64e15;

/** The most seconds that `maxTokenAgeSeconds` may be: ten years. */
const mostAgeSeconds = 315_576_000;

/**
 * An authenticator for signed JSON Web Tokens, on the `jose` library.
 *
 * A token is valid if one of the accepted algorithms signed it with the issuer's key, if `iss`, `aud`, `exp`, `nbf`
 * and the options agree, and if the user's claim (and the tenant's, if there is one) is an id: 1 to 128 printable
 * ASCII characters without spaces. Any other token gives `null`. Keys come from the options alone: headers of the
 * token that bring or point to a key (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
 *
 * The identity's `claims` are the whole verified payload, deeply frozen. `expires_at` is `exp`, or the moment when
 * `maxTokenAgeSeconds` is over if that is sooner, plus the tolerance of the clock: until then the token is good.
 *
 * @throws OPTION_INVALID at once. The authenticator rejects with AUTHENTICATOR_DOWN when the issuer's keys cannot be
 *   had (unreachable, slow, an error, not a key set), so that an outage does not look like a bad token.
 */
export function jwtAuthenticator(options: JwtAuthenticatorOptions): Authenticator {
  const { key, algorithms } = verification(options);
  const userClaim = nameOption('userClaim', options.userClaim, 'sub');
  const tenantClaim = nameOption('tenantClaim', options.tenantClaim, undefined);
  const grantClaim = nameOption('grantClaim', options.grantClaim, 'sid');
  const maxAge = numberOption('maxTokenAgeSeconds', options.maxTokenAgeSeconds, 1, mostAgeSeconds, undefined);
  const tolerance = numberOption('clockToleranceSeconds', options.clockToleranceSeconds, 0, 300, 5);
  const rules: JWTVerifyOptions = {
    algorithms: [...algorithms],
    issuer: namesOption('issuer', options.issuer),
    audience: namesOption('audience', options.audience),
    clockTolerance: tolerance,
    requiredClaims: booleanOption('requireExpiry', options.requireExpiry, true) ? ['exp'] : [],
    ...(maxAge === undefined ? {} : { maxTokenAge: maxAge }),
  };

  return async ({ token }) => {
    if (typeof token !== 'string' || token.length > maxTokenLength) return null;
    try {
      const { payload } = await jwtVerify(token, key, rules);
      return identityOf(payload, { userClaim, tenantClaim, grantClaim }, maxAge, tolerance);
    } catch (error) {
      // What jose says of a bad token quotes its claims: it goes no further than here.
      if (error instanceof errors.JOSEError) return null;
      if (isThroughlineError(error, 'AUTHENTICATOR_DOWN')) throw error;
      throw throughlineError('AUTHENTICATOR_DOWN', 'A token could not be verified with the key of its issuer.', error);
    }
  };
}

function verification(options: JwtAuthenticatorOptions): Verification {
  demandOneSource(options);
  if (options.secret !== undefined) return secretVerification(options.secret, options.algorithms);
  if (options.publicKey !== undefined) return publicKeyVerification(options.publicKey, options.algorithms);
  if (options.jwks !== undefined) return keySetVerification(options.jwks, options.algorithms);
  return publishedVerification(options);
}

interface ClaimNames {
  readonly userClaim: string;
  readonly tenantClaim: string | undefined;
  readonly grantClaim: string;
}

function identityOf(
  payload: JWTPayload,
  { userClaim, tenantClaim, grantClaim }: ClaimNames,
  maxAge: number | undefined,
  tolerance: number,
): Identity | null {
  const user_id = payload[userClaim];
  if (!isId(user_id)) return null;
  const tenant_id = tenantClaim === undefined ? undefined : payload[tenantClaim];
  if (tenantClaim !== undefined && !isId(tenant_id)) return null;

  const grant_id = payload[grantClaim];

  const ends: number[] = [];
  if (payload.exp !== undefined) ends.push(payload.exp);
  if (maxAge !== undefined && payload.iat !== undefined) ends.push(payload.iat + maxAge);
  const expires_at = Math.floor((Math.min(...ends) + tolerance) * 1000);
  if (ends.length > 0 && Math.abs(expires_at) > lastMoment) return null;

  return Object.freeze({
    user_id,
    claims: deepFreeze(payload),
    ...(isId(tenant_id) ? { tenant_id } : {}),
    ...(isId(grant_id) ? { grant_id } : {}),
    ...(ends.length > 0 ? { expires_at } : {}),
  });
}

/** Whoever reads a user's claims must not be able to write them for the next reader. */
function deepFreeze(claims: JWTPayload): Readonly<Record<string, unknown>> {
  const found: unknown[] = [claims];
  for (const value of found) {
    if (typeof value === 'object' && value !== null) found.push(...Object.values(Object.freeze(value)));
  }
  return claims;
}
