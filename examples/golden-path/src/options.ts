import { fileURLToPath } from 'node:url';
import type { ServiceOptions } from '@throughline/core';
import type { Pace } from './agent/pace.js';

export interface GoldenPathOptions {
  /** 0 to 65535; 0 takes a free one. Default 4400. */
  readonly port?: number;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** Where the database and the token secret live. Default: `data/` of the example. */
  readonly dataDirectory?: string;
  /** The repository the researcher reads. Default: the one this example is part of. */
  readonly corpusDirectory?: string;
  /** The built page. Default: `dist/page/` of the example. */
  readonly pageDirectory?: string;
  /** Words a second, the imitation of a model's speed; `Infinity` for none. Default 60. */
  readonly tokensPerSecond?: number;
  /** Instead of `tokensPerSecond`: a pace of one's own, such as one that waits for a test. */
  readonly pace?: Pace;
  /** How long a token opens sockets, in seconds, at least 1. Default 900. */
  readonly tokenLifeSeconds?: number;
  /** The password of both demo users. Default "throughline". */
  readonly password?: string;
  /** Awaited before each token is given: a page must wait for its token, and this makes it. */
  readonly delayToken?: () => Promise<void>;
  /** Passed on to the WebSocket service. */
  readonly service?: Partial<
    Omit<ServiceOptions, 'server' | 'path' | 'authenticate' | 'messages' | 'onMessage' | 'cookieName'>
  >;
}

type WithoutDefault = 'delayToken' | 'corpusDirectory' | 'pace';
export type ResolvedOptions = Required<Omit<GoldenPathOptions, WithoutDefault>> &
  Pick<GoldenPathOptions, WithoutDefault>;

/** For the demo, on this machine only: whoever opens it to others gives one of their own. */
export const demoPassword = 'throughline';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const isLoopback = (host: string): boolean => /^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)$/.test(host);

function assertOption(valid: boolean, option: string, expected: string, arrived: unknown): void {
  if (!valid)
    throw new TypeError(`${option}: expected ${expected}, got ${JSON.stringify(arrived) ?? String(arrived)}.`);
}

/** @throws TypeError that names the option, what it expects and what arrived. The password is never repeated. */
export function resolveOptions(options: GoldenPathOptions): ResolvedOptions {
  const resolved = {
    port: 4400,
    host: '127.0.0.1',
    dataDirectory: folder('../data/'),
    pageDirectory: folder('../dist/page/'),
    tokensPerSecond: 60,
    tokenLifeSeconds: 900,
    password: demoPassword,
    service: {},
    ...options,
  };
  const { port, host, tokensPerSecond, tokenLifeSeconds, password } = resolved;
  assertOption(Number.isInteger(port) && port >= 0 && port <= 65535, 'port', 'an integer from 0 to 65535', port);
  assertOption(host !== '', 'host', 'a name or an address', host);
  assertOption(tokensPerSecond > 0, 'tokensPerSecond', 'a number above 0', tokensPerSecond);
  assertOption(
    Number.isInteger(tokenLifeSeconds) && tokenLifeSeconds >= 1,
    'tokenLifeSeconds',
    'a whole number of seconds, 1 or more',
    tokenLifeSeconds,
  );
  assertOption(password.length >= 8, 'password', '8 characters or more', `${password.length} characters`);
  if (!isLoopback(host) && password === demoPassword) {
    throw new TypeError(
      `password: ${host} can be reached by others, and the demo password is written in the README; give one of your own.`,
    );
  }
  return resolved;
}
