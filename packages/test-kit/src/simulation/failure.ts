// How a simulation fails: with its seed, the first thing that was wrong, what happened around it, and how to see it again.

/** The first thing that was wrong. */
export interface Failure {
  /** The promise that was broken, such as `duplicate`. */
  readonly invariant: string;
  /** The user, the page (`user/page`) or `service`. */
  readonly who: string;
  readonly what: string;
  /** Virtual ms since the beginning. */
  readonly at: number;
  /** What happened around that user before, oldest first. */
  readonly neighbours: readonly string[];
}

/** What `simulate` throws when a promise was broken. */
export interface SimulationError extends Error {
  readonly name: 'SimulationError';
  readonly seed: number;
  readonly failure: Failure;
}

export function simulationError(
  failure: Failure,
  scenario: { readonly seed: number; readonly users: number; readonly minutes: number },
): SimulationError {
  const { seed, users, minutes } = scenario;
  const { invariant, who, what, at, neighbours } = failure;
  const message = [
    `seed ${seed}: ${invariant}: ${who}: ${what} (at ${at} virtual ms)`,
    'what happened before:',
    ...neighbours.map((line) => `  ${line}`),
    `to see it again: simulate({ seed: ${seed}, users: ${users}, minutes: ${minutes} }) with the same options`,
  ].join('\n');
  return Object.assign(new Error(message), { name: 'SimulationError' as const, seed, failure });
}

export function isSimulationError(error: unknown): error is SimulationError {
  return error instanceof Error && error.name === 'SimulationError' && 'failure' in error;
}
