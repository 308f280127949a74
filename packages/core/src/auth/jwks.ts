// Sets of public keys: a fixed one, and one that its issuer publishes and changes.
import { performance } from 'node:perf_hooks';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import { throughlineError } from '../errors.js';
import { booleanOption, type JwtAuthenticatorOptions, kindOf, numberOption, optionInvalid } from './options.js';
import { acceptedAlgorithms, publicAlgorithms } from './signature-algorithms.js';
import { readJwk, type Verification } from './verification-key.js';

/** How long fetched keys are believed: a key that its issuer withdrew is good for no longer than this. */
const believedMs = 600_000;

/** An unknown `kid` fetches the keys again, but not within this time after a fetch: anybody can send unknown kids. */
const cooldownMs = 10_000;

/** After a failed fetch the next one waits this long: those who reconnect in an outage must not prolong it. */
const failurePauseMs = 1_000;

/** Key types that are read. Others are passed over, as RFC 7517, section 5, asks. */
const keyTypes: readonly unknown[] = ['RSA', 'EC', 'OKP', 'oct'];

/** Verification with a set of keys that is at hand. The set is copied. @throws OPTION_INVALID */
export function keySetVerification(jwks: unknown, asked: unknown): Verification {
  const keys: unknown = typeof jwks === 'object' && jwks !== null && 'keys' in jwks ? jwks.keys : undefined;
  if (!Array.isArray(keys)) throw optionInvalid('jwks', kindOf(jwks), 'a JWK set: { keys: [...] }');
  const usable: JWK[] = [];
  const fitting = new Set<string>();
  for (const [index, jwk] of keys.entries()) {
    if (typeof jwk?.kty === 'string' && !keyTypes.includes(jwk.kty)) continue;
    const { algorithms } = readJwk(jwk, `jwks.keys[${index}]`);
    if (algorithms.length > 0) usable.push(jwk);
    for (const algorithm of algorithms) fitting.add(algorithm);
  }
  if (usable.length === 0) throw optionInvalid('jwks', 'a set without a key that can verify a token', 'at least one');
  const algorithms = publicAlgorithms.filter((algorithm) => fitting.has(algorithm));
  const set: JSONWebKeySet = { keys: usable };
  return { key: createLocalJWKSet(set), algorithms: acceptedAlgorithms(asked, algorithms, algorithms) };
}

/** Verification with the keys that an issuer publishes. Nothing is fetched yet. @throws OPTION_INVALID */
export function publishedVerification(
  options: JwtAuthenticatorOptions & { readonly jwksUrl: string | URL },
): Verification {
  const insecure = booleanOption('allowInsecureJwksUrl', options.allowInsecureJwksUrl, false);
  const url = readUrl(options.jwksUrl, insecure);
  const timeoutMs = numberOption('jwksTimeoutMs', options.jwksTimeoutMs, 1, 60_000, 3_000);
  return {
    key: publishedKeys(url, timeoutMs),
    algorithms: acceptedAlgorithms(options.algorithms, publicAlgorithms, publicAlgorithms),
  };
}

/** The URL is never quoted: it may carry a password. */
function readUrl(value: unknown, insecure: boolean): URL {
  const text = value instanceof URL ? value.href : value;
  const expected = 'an https: URL (http: on this machine, or with `allowInsecureJwksUrl`)';
  if (typeof text !== 'string' || !URL.canParse(text)) {
    throw optionInvalid('jwksUrl', typeof text === 'string' ? 'not a URL' : kindOf(value), expected);
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw optionInvalid('jwksUrl', 'a URL with a user name or password', 'one without');
  }
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && (insecure || isLoopback(url.hostname)));
  if (!secure) throw optionInvalid('jwksUrl', `of the protocol ${url.protocol}`, expected);
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Finds keys among those published.
 *
 * That no key matches is a verdict about the token. That the keys could not be had is none, and becomes
 * AUTHENTICATOR_DOWN.
 */
function publishedKeys(url: URL, timeoutMs: number): JWTVerifyGetKey {
  let failure: { readonly at: number; readonly cause: unknown } | undefined;
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: believedMs,
    [customFetch]: async (href, request) => {
      if (failure !== undefined && performance.now() - failure.at < failurePauseMs) throw failure.cause;
      return await fetch(href, request);
    },
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error !== failure?.cause) failure = { at: performance.now(), cause: error };
      throw throughlineError('AUTHENTICATOR_DOWN', `The keys published at ${url.origin} could not be had.`, error);
    }
  };
}
