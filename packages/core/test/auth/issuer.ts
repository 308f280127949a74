// An issuer of tokens with real keys, and a real server on loopback that publishes them.
import { KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  base64url,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

export const issuer = 'https://issuer.example';
export const audience = 'throughline';
export const secret = 'correct horse battery staple, and 32 bytes';

/** Seconds since the epoch, `offset` seconds from now. */
export function seconds(offset = 0): number {
  return Math.floor(Date.now() / 1000) + offset;
}

/** Claims that are valid now, with changes; a change to `undefined` takes the claim away. */
export function claims(changes: Record<string, unknown> = {}): JWTPayload {
  const all = { iss: issuer, aud: audience, sub: 'ada', iat: seconds(), exp: seconds(600), ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A pair of keys that signs. */
export interface Signer {
  readonly algorithm: string;
  readonly publicKey: CryptoKey;
  /** The public key, with `kid` and `alg`. */
  readonly jwk: JWK;
  sign(payload?: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Signs what a library would refuse to sign. Knows RS256 alone. */
  signAsIs(header: object, payload: unknown): string;
}

export async function signer(algorithm: string, kid?: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const named = kid === undefined ? {} : { kid };
  return {
    algorithm,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), alg: algorithm, ...named },
    sign: (payload = claims(), header = {}) =>
      new SignJWT(payload).setProtectedHeader({ alg: algorithm, ...named, ...header }).sign(privateKey),
    signAsIs(header, payload) {
      const input = `${part(header)}.${part(payload)}`;
      return `${input}.${sign('sha256', Buffer.from(input), KeyObject.from(privateKey)).toString('base64url')}`;
    },
  };
}

/** A token signed with a secret, by default the one above. */
export function signedWithSecret(
  payload = claims(),
  key: string | Uint8Array = secret,
  alg = 'HS256',
): Promise<string> {
  const bytes = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(bytes);
}

/** One of the three parts of a token, from any value. */
export function part(value: unknown): string {
  return base64url.encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A server that publishes keys, or whatever else it is told to answer. */
export interface KeyServer {
  readonly url: string;
  /** The path of every request so far. */
  readonly requests: readonly string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  publish(set: JSONWebKeySet): void;
  close(): Promise<void>;
}

export async function keyServer(set: JSONWebKeySet = { keys: [] }): Promise<KeyServer> {
  const requests: string[] = [];
  const http = createServer((request, response) => {
    requests.push(request.url ?? '');
    server.answer(request, response);
  });
  const server: KeyServer = {
    url: '',
    requests,
    answer: () => undefined,
    publish(published) {
      server.answer = (_, response) =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify(published));
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  server.publish(set);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return Object.assign(server, { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys` });
}
