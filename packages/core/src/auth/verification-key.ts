// The keys that verify tokens: a shared secret, or the public half of a pair.
import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { types } from 'node:util';
import type { CryptoKey, JWTVerifyGetKey } from 'jose';
import { type JwtAlgorithm, kindOf, optionInvalid } from './options.js';
import { acceptedAlgorithms, algorithmsOf, secretAlgorithms, secretBytes } from './signature-algorithms.js';

/** A key, or how to find it for a token, with the signatures that are accepted. */
export interface Verification {
  readonly key: KeyObject | CryptoKey | JWTVerifyGetKey;
  readonly algorithms: readonly JwtAlgorithm[];
}

/** A public key, with the signatures that it can verify. */
export interface PublicKey {
  readonly key: KeyObject | CryptoKey;
  readonly algorithms: readonly JwtAlgorithm[];
}

const expectedKey = 'a public key: RSA of 2048 bits or more, EC P-256, P-384 or P-521, or Ed25519';

/** Verification with a shared secret. The bytes are copied. @throws OPTION_INVALID */
export function secretVerification(secret: unknown, asked: unknown): Verification {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (!types.isUint8Array(bytes)) throw optionInvalid('secret', `of type ${typeof secret}`, 'a string or a Uint8Array');
  if (Buffer.from(bytes).includes('-----BEGIN ')) {
    throw optionInvalid('secret', 'a PEM block', 'a shared secret; a public key belongs into `publicKey`');
  }
  const algorithms = acceptedAlgorithms(asked, secretAlgorithms, ['HS256']);
  for (const algorithm of secretAlgorithms) {
    if (algorithms.includes(algorithm) && bytes.length < secretBytes[algorithm]) {
      const expected = `at least ${secretBytes[algorithm]} for ${algorithm} (RFC 7518, section 3.2)`;
      throw optionInvalid('secret', `${bytes.length} bytes long`, expected);
    }
  }
  return { key: createSecretKey(bytes), algorithms };
}

/** Verification with one public key. @throws OPTION_INVALID */
export function publicKeyVerification(value: unknown, asked: unknown): Verification {
  const { key, algorithms } = readPublicKey(value);
  if (algorithms.length === 0) throw optionInvalid('publicKey', 'a key that cannot verify a token', expectedKey);
  return { key, algorithms: acceptedAlgorithms(asked, algorithms, algorithms) };
}

function readPublicKey(value: unknown): PublicKey {
  if (types.isCryptoKey(value) || types.isKeyObject(value)) {
    if (value.type !== 'public') throw optionInvalid('publicKey', `a ${value.type} key`, expectedKey);
    return { key: value, algorithms: algorithmsOf(value, 'publicKey') };
  }
  if (typeof value !== 'string') return readJwk(value, 'publicKey');
  if (value.includes('PRIVATE KEY-----')) throw optionInvalid('publicKey', 'a private key', expectedKey);
  const key = parsed(() => createPublicKey(value));
  if (!key) throw optionInvalid('publicKey', 'a string that is no PEM of a public key', expectedKey);
  return { key, algorithms: algorithmsOf(key, 'publicKey') };
}

/**
 * Reads a JWK.
 *
 * Its `use`, `key_ops` and `alg` narrow what it verifies, down to nothing: the set that an issuer publishes holds keys
 * for other ends, too.
 *
 * @param option where it came from, for the error
 * @throws OPTION_INVALID: private or shared material, which has no business here, or not a key
 */
export function readJwk(value: unknown, option: string): PublicKey {
  if (typeof value !== 'object' || value === null) throw optionInvalid(option, kindOf(value), expectedKey);
  const jwk = value as JsonWebKey;
  if (jwk.kty === 'oct' || 'k' in jwk) throw optionInvalid(option, 'a shared secret', expectedKey);
  if ('d' in jwk || 'priv' in jwk) throw optionInvalid(option, 'a private key', expectedKey);
  const key = parsed(() => createPublicKey({ key: jwk, format: 'jwk' }));
  if (!key) throw optionInvalid(option, 'an object that is no JWK of a public key', expectedKey);
  const { use = 'sig', alg, key_ops = ['verify'] } = jwk;
  if (use !== 'sig' || !Array.isArray(key_ops) || !key_ops.includes('verify')) return { key, algorithms: [] };
  const fitting = algorithmsOf(key, option);
  return { key, algorithms: alg === undefined ? fitting : fitting.filter((algorithm) => algorithm === alg) };
}

/** What OpenSSL says of something that it cannot read may quote it: that is not passed on. */
function parsed(parse: () => KeyObject): KeyObject | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
