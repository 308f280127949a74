// Which signatures there are, and which of them a key may verify.
import type { KeyObject } from 'node:crypto';
import type { CryptoKey } from 'jose';
import { type JwtAlgorithm, kindOf, optionInvalid } from './options.js';

/** Signatures with a shared secret, and its least bytes: the size of the hash (RFC 7518, section 3.2). */
export const secretBytes = { HS256: 32, HS384: 48, HS512: 64 } as const;
export const secretAlgorithms: readonly (keyof typeof secretBytes)[] = ['HS256', 'HS384', 'HS512'];

const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const edwardsAlgorithms = ['EdDSA', 'Ed25519'] as const;

/** One signature per curve, under the curve's name in JWA and in OpenSSL. */
const curves = [
  { name: 'P-256', openssl: 'prime256v1', algorithm: 'ES256' },
  { name: 'P-384', openssl: 'secp384r1', algorithm: 'ES384' },
  { name: 'P-521', openssl: 'secp521r1', algorithm: 'ES512' },
] as const;

/** All signatures made with a private key and verified with a public one. */
export const publicAlgorithms: readonly JwtAlgorithm[] = [
  ...rsaAlgorithms,
  ...curves.map((curve) => curve.algorithm),
  ...edwardsAlgorithms,
];

/**
 * The signatures to accept: those asked for, or the default.
 *
 * Each must fit the key. An HMAC with a public key as its secret is a signature that anybody can make, hence secrets
 * and public keys never share a list.
 *
 * @throws OPTION_INVALID: none, or one that does not fit; `none` fits no key
 */
export function acceptedAlgorithms(
  asked: unknown,
  fitting: readonly JwtAlgorithm[],
  byDefault: readonly JwtAlgorithm[],
): readonly JwtAlgorithm[] {
  if (asked === undefined) return byDefault;
  const expected = `an array of what fits the key: ${fitting.join(', ')}`;
  if (!Array.isArray(asked) || asked.length === 0) throw optionInvalid('algorithms', kindOf(asked), expected);
  return asked.map((name: unknown) => {
    const known = fitting.find((algorithm) => algorithm === name);
    if (known !== undefined) return known;
    const arrived = typeof name === 'string' ? JSON.stringify(name.slice(0, 32)) : kindOf(name);
    throw optionInvalid('algorithms', `an array with ${arrived}`, expected);
  });
}

/** The signatures that a public key can verify, perhaps none. @throws OPTION_INVALID: a weak RSA key */
export function algorithmsOf(key: KeyObject | CryptoKey, option: string): readonly JwtAlgorithm[] {
  return 'algorithm' in key ? algorithmsOfCryptoKey(key, option) : algorithmsOfKeyObject(key, option);
}

function algorithmsOfKeyObject(key: KeyObject, option: string): readonly JwtAlgorithm[] {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ed25519') return edwardsAlgorithms;
  if (key.asymmetricKeyType === 'ec') return ofCurve((curve) => curve.openssl === namedCurve);
  if (key.asymmetricKeyType !== 'rsa') return [];
  demandStrength(modulusLength, option);
  return rsaAlgorithms;
}

/** A CryptoKey is bound to one hash: it verifies less than the key inside it could. */
function algorithmsOfCryptoKey(key: CryptoKey, option: string): readonly JwtAlgorithm[] {
  const { name, hash, namedCurve, modulusLength } = key.algorithm as {
    readonly name: string;
    readonly hash?: { readonly name: string };
    readonly namedCurve?: string;
    readonly modulusLength?: number;
  };
  if (!key.usages.includes('verify')) return [];
  if (name === 'Ed25519') return edwardsAlgorithms;
  if (name === 'ECDSA') return ofCurve((curve) => curve.name === namedCurve);
  const family = name === 'RSA-PSS' ? 'PS' : 'RS';
  if (modulusLength === undefined) return [];
  demandStrength(modulusLength, option);
  return rsaAlgorithms.filter((algorithm) => algorithm === hash?.name.replace('SHA-', family));
}

function ofCurve(matches: (curve: (typeof curves)[number]) => boolean): readonly JwtAlgorithm[] {
  return curves.filter(matches).map((curve) => curve.algorithm);
}

/** RFC 7518, sections 3.3 and 3.5. */
function demandStrength(modulusLength: number | undefined, option: string): void {
  if (modulusLength === undefined || modulusLength < 2048) {
    throw optionInvalid(option, `an RSA key of ${modulusLength} bits`, 'at least 2048 bits (RFC 7518, section 3.3)');
  }
}
