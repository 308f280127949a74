// Isolation, proved on a team's own handlers: many users do many things at once, and nobody learns what is somebody else's.
import fc from 'fast-check';
import { testKitError } from './errors.js';
import { captureOutput } from './isolation-suite/capture.js';
import { anyOperations, describeOperation, type Operation } from './isolation-suite/operations.js';
import { playScenario } from './isolation-suite/scenario.js';
import type { Leak } from './isolation-suite/searching.js';
import { type IsolationOptions, resolveSuite } from './isolation-suite/suite-options.js';
import { createVault } from './isolation-suite/vault.js';

export type { Visit } from './isolation-suite/acting.js';
export type { Leak } from './isolation-suite/searching.js';
export type { IsolationOptions } from './isolation-suite/suite-options.js';

/** What a check that found nothing has looked at. */
export interface IsolationReport {
  readonly seed: number;
  /** Scenarios played. */
  readonly runs: number;
  /** Messages that handlers were given. */
  readonly handled: number;
}

/** Somebody was told what is somebody else’s. */
export interface IsolationError extends Error {
  readonly name: 'IsolationError';
  readonly code: 'LEAK';
  readonly leak: Leak;
  /** With `path`, what plays the same operations again; alone, when what leaked was said in an earlier scenario. */
  readonly seed: number;
  readonly path: string;
  /** How many scenarios were played until it was found. */
  readonly runs: number;
  /** The fewest operations that were found to show it, in words. */
  readonly operations: readonly string[];
}

/** Whether a value is what `checkIsolation` throws for a leak. */
export function isIsolationError(value: unknown): value is IsolationError {
  return value instanceof Error && value.name === 'IsolationError';
}

/**
 * Plays scenarios against a service: users with several sessions each say, cancel, reload, lose sockets, change threads, sign out and
 * in, all at once. Every text that a user says is planted, and then looked for in everything that anybody else was told: frames,
 * tabs, answers, errors, close reasons, receipts; and in what nobody should read it in: telemetry, metrics, stdout and stderr.
 *
 * While it runs, what the process writes is listened to (and passed on): run it alone in its process or test file.
 *
 * @throws an {@link IsolationError} with the first leak, whose it was, and the fewest operations that show it
 * @throws OPTION_INVALID, also when no handler was ever given a message, or none told a page anything: a check of nothing proves nothing
 */
export async function checkIsolation(options: IsolationOptions): Promise<IsolationReport> {
  const suite = resolveSuite(options);
  const vault = createVault();
  const capture = captureOutput();
  let handled = 0;
  let told = false;
  let leak: Leak | undefined;
  const property = fc.asyncProperty(
    anyOperations(suite.operations, suite.users, suite.sessionsPerUser),
    async (operations) => {
      const played = await playScenario(suite, operations, capture, vault);
      handled += played.handled;
      told ||= played.told;
      if (!played.leak) return;
      ({ leak } = played);
      throw new Error('a leak');
    },
  );
  const { seed, runs: numRuns, path } = suite;
  let outcome: fc.RunDetails<[readonly Operation[]]>;
  try {
    outcome = await fc.check(property, { seed, numRuns, ...(path !== undefined && { path }) });
  } finally {
    capture.end();
  }
  if (outcome.failed && leak) throw isolationError(leak, outcome);
  if (outcome.failed) {
    const { counterexamplePath: where, errorInstance: cause } = outcome;
    const steps = stepsOf(outcome)
      .map((step) => `\n  ${step}`)
      .join('');
    throw new Error(`A scenario could not be played to its end (seed ${seed}, path ${where}).${steps}`, { cause });
  }
  if ((handled > 0 && told) || path !== undefined) return { seed, runs: outcome.numRuns, handled };
  const what =
    handled > 0
      ? `No page was told anything of a run: ${handled} messages were handled, and each handler threw or said nothing.`
      : 'No handler was given any message.';
  throw testKitError('OPTION_INVALID', `${what} Check handlers and messages.`);
}

function stepsOf({ counterexample }: fc.RunDetails<[readonly Operation[]]>): string[] {
  return (counterexample?.[0] ?? []).map(describeOperation);
}

/** What can only be shown by all scenarios up to the one that failed. */
const earlier =
  ', in an earlier scenario: handlers hold something that outlives their service, such as a variable of a module';

function isolationError(leak: Leak, outcome: fc.RunDetails<[readonly Operation[]]>): IsolationError {
  const { seed, counterexamplePath, numRuns, numShrinks } = outcome;
  const path = counterexamplePath ?? '0';
  const operations = stepsOf(outcome);
  const message = [
    `${leak.what} was found where it does not belong.`,
    `  whose: ${leak.owner}${leak.earlier ? earlier : ''}`,
    `  where: ${leak.where}`,
    `  written: ${leak.form}`,
    `  again: checkIsolation({ …, seed: ${seed}${leak.earlier ? '' : `, path: '${path}'`} }) (scenario ${numRuns}, shrunk ${numShrinks} times)`,
    ...operations.map((operation, index) => `  ${String(index + 1).padStart(4)}  ${operation}`),
  ].join('\n');
  const facts = { name: 'IsolationError', code: 'LEAK', leak, seed, path, runs: numRuns, operations } as const;
  return Object.assign(new Error(message), facts);
}
