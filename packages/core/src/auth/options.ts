// The options of jwtAuthenticator: their types, their defaults, and the checks that need no key.
import type { KeyObject } from 'node:crypto';
import { types } from 'node:util';
import type { CryptoKey, JSONWebKeySet, JWK } from 'jose';
import { type ThroughlineError, throughlineError } from '../errors.js';

/** The signatures that can be verified (RFC 7518, section 3.1; RFC 8037 and RFC 9864 for the last two). */
export type JwtAlgorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';

interface Sources {
  /** A secret shared with the issuer: at least 32 bytes for HS256, 48 for HS384, 64 for HS512. A string is UTF-8. */
  readonly secret: string | Uint8Array;
  /** The issuer's one public key: PEM (SPKI, or a certificate, whose dates are not looked at), JWK or key object. */
  readonly publicKey: string | JWK | KeyObject | CryptoKey;
  /** The issuer's public keys, as of now. A token names its key by `kid` where more than one would fit. */
  readonly jwks: JSONWebKeySet;
  /**
   * Where the issuer publishes its public keys. They are fetched when first needed and kept for 10 minutes; a `kid`
   * that is not among them fetches them again, at most once in 10 seconds.
   */
  readonly jwksUrl: string | URL;
}

/** The source `Name`, and none of the others. */
type Only<Name extends keyof Sources> = Pick<Sources, Name> & {
  readonly [Other in Exclude<keyof Sources, Name>]?: never;
};

interface RemoteSettings {
  /** How long one fetch of the keys may take, in milliseconds. Default 3000, below the time a handshake is given. */
  readonly jwksTimeoutMs?: number;
  /** Takes keys over plain HTTP from another machine, on a network that is encrypted below HTTP. Default false. */
  readonly allowInsecureJwksUrl?: boolean;
}

/** Where the keys come from: exactly one source. */
export type JwtKeySource = Only<'secret'> | Only<'publicKey'> | Only<'jwks'> | (Only<'jwksUrl'> & RemoteSettings);

/** What a token has to show beside its signature. */
export interface JwtRules {
  /** Who must have issued it (`iss`): one of these. */
  readonly issuer: string | readonly string[];
  /** Whom it must be meant for (`aud`): one of these. */
  readonly audience: string | readonly string[];
  /** Signatures to accept. Default: HS256 with a secret, otherwise all that fit the key. `none` never is. */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** How far the issuer's clock may be off, in seconds, 0 to 300. Default 5. */
  readonly clockToleranceSeconds?: number;
  /** The claim that is the user's id. Default `sub`. */
  readonly userClaim?: string;
  /** The claim that is the tenant's id; a token without it is refused then. Default: there are no tenants. */
  readonly tenantClaim?: string;
  /**
   * The claim that says which sign-in a token belongs to. Revoking one then leaves the user's others alone. Default
   * `sid`, as OpenID Connect calls it; a token without it belongs to none in particular.
   */
  readonly grantClaim?: string;
  /** Refuses tokens issued (`iat`) longer ago than this, in seconds, and ends identities at that age. */
  readonly maxTokenAgeSeconds?: number;
  /** Refuses tokens without an expiry (`exp`). Default true. */
  readonly requireExpiry?: boolean;
}

/** Options of `jwtAuthenticator`. */
export type JwtAuthenticatorOptions = JwtKeySource & JwtRules;

const sources = ['secret', 'publicKey', 'jwks', 'jwksUrl'] as const satisfies readonly (keyof Sources)[];
const names: readonly string[] = [
  ...sources,
  ...(['jwksTimeoutMs', 'allowInsecureJwksUrl'] satisfies (keyof RemoteSettings)[]),
  ...(['issuer', 'audience', 'algorithms', 'clockToleranceSeconds'] satisfies (keyof JwtRules)[]),
  ...(['userClaim', 'tenantClaim', 'grantClaim', 'maxTokenAgeSeconds', 'requireExpiry'] satisfies (keyof JwtRules)[]),
];

/** An OPTION_INVALID that says which option, what arrived and what was expected. Never pass it a secret. */
export function optionInvalid(option: string, arrived: string, expected: string): ThroughlineError {
  return throughlineError('OPTION_INVALID', `The option \`${option}\` is ${arrived}; expected ${expected}.`);
}

/** What a value is, in words that do not give it away. Numbers and booleans are told as they are. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === '') return 'an empty string';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (types.isUint8Array(value)) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Sees to it that there is one source of keys. @throws OPTION_INVALID: none or several, or an option nobody knows */
export function demandOneSource(options: JwtAuthenticatorOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw throughlineError('OPTION_INVALID', `The options are ${kindOf(options)}; expected an object.`);
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw optionInvalid(unknown, 'unknown', `one of ${names.join(', ')}`);
  const [source, second] = sources.filter((name) => options[name] !== undefined);
  if (source === undefined) {
    throw throughlineError('OPTION_INVALID', `There is no key; expected exactly one of ${sources.join(', ')}.`);
  }
  if (second !== undefined) {
    throw optionInvalid(second, `given beside \`${source}\``, `exactly one of ${sources.join(', ')}`);
  }
}

/** A number option, or its default. @throws OPTION_INVALID: not a number from `least` to `most` */
export function numberOption<Default extends number | undefined>(
  option: string,
  value: unknown,
  least: number,
  most: number,
  byDefault: Default,
): number | Default {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw optionInvalid(option, kindOf(value), `a number from ${least} to ${most}`);
}

/** A switch, or its default. @throws OPTION_INVALID: not a boolean */
export function booleanOption(option: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value === 'boolean') return value;
  throw optionInvalid(option, kindOf(value), 'true or false');
}

/** A name, or its default. @throws OPTION_INVALID: not a string, or blank */
export function nameOption<Default extends string | undefined>(
  option: string,
  value: unknown,
  byDefault: Default,
): string | Default {
  if (value === undefined) return byDefault;
  if (isName(value)) return value;
  throw optionInvalid(option, kindOf(value), 'the name of a claim');
}

/** One or several names; a copy. @throws OPTION_INVALID: none, or one of them blank */
export function namesOption(option: string, value: unknown): string[] {
  const given: unknown[] = Array.isArray(value) ? [...value] : [value];
  if (given.length > 0 && given.every(isName)) return given;
  const wrong =
    Array.isArray(value) && given.length > 0
      ? `an array with ${kindOf(given.find((item) => !isName(item)))}`
      : kindOf(value);
  throw optionInvalid(option, wrong, 'a string that is not blank, or an array of them');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
