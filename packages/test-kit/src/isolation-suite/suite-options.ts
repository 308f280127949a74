// What a team gives to the isolation suite: validated once, with defaults.
import { randomInt } from 'node:crypto';
import { testKitError } from '../errors.js';
import { checkNames } from '../option-names.js';
import { startTestService, type TestService, type TestServiceOptions } from '../test-service.js';
import type { Visit } from './acting.js';

/** What is checked, and how much. */
export interface IsolationOptions {
  /** The service’s options, its `onMessage` above all. Called anew for each scenario: what they hold is of one service. */
  readonly handlers: () => TestServiceOptions | Promise<TestServiceOptions>;
  /** Starts the service under test with these options. Default `startTestService`. */
  readonly start?: (options: TestServiceOptions) => Promise<TestService>;
  /** What users say to it, around a text that nobody else may see; one for each thing that handlers can do. Default `{ text }`. */
  readonly messages?: readonly ((secret: string) => unknown)[];
  /** What users call beside the socket, by name. What it returns or throws is what that user was told. */
  readonly routes?: Readonly<Record<string, (visit: Visit) => unknown>>;
  /** What is exported about the service, such as the text of its Prometheus page. */
  readonly metrics?: (service: TestService) => string | Promise<string>;
  /** How many users, from 2 on; default 3. */
  readonly users?: number;
  /** Default 2: a tab with the real client, and a raw connection. */
  readonly sessionsPerUser?: number;
  /** How many operations a scenario has at most; default 25. */
  readonly operations?: number;
  /** How many scenarios; default 100. */
  readonly runs?: number;
  /** Of what was printed by a failure: plays the same operations again. Default: another each time. */
  readonly seed?: number;
  /** Of what was printed by a failure, beside its seed: begins with what had failed. */
  readonly path?: string;
  /** How long handlers may be at work after the last operation, in ms; default 10,000. */
  readonly settleMs?: number;
}

export type ResolvedSuite = Required<Omit<IsolationOptions, 'path'>> & Pick<IsolationOptions, 'path'>;

const numbers = { users: 3, sessionsPerUser: 2, operations: 25, runs: 100, settleMs: 10_000 } as const;

const known = [
  ...['handlers', 'start', 'messages', 'routes', 'metrics', 'seed', 'path'],
  ...Object.keys(numbers),
] as const;

/** @throws OPTION_INVALID */
export function resolveSuite(given: IsolationOptions): ResolvedSuite {
  if (typeof given?.handlers !== 'function') {
    throw testKitError('OPTION_INVALID', 'Option handlers must be a function that returns options of a service.');
  }
  checkNames('checkIsolation', given, known);
  for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) {
    const value = given[name] ?? numbers[name];
    const least = name === 'users' ? 2 : 1;
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw testKitError('OPTION_INVALID', `Option ${name} must be a whole number from ${least}, not ${String(value)}.`);
  }
  if (given.messages?.length === 0) throw testKitError('OPTION_INVALID', 'Option messages must hold a message.');
  return {
    start: startTestService,
    messages: [(text) => ({ text })],
    routes: {},
    metrics: () => '',
    ...numbers,
    seed: randomInt(2 ** 31),
    ...given,
  };
}
