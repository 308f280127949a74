// Drain: let go of everybody, gently. Runs may end, readers may catch up, and not everybody comes back at once.
import { closeCodes } from '@throughline/events/protocol';
import { throughlineError } from './errors.js';
import type { Scheduler } from './scheduler.js';
import type { Session } from './session.js';
import type { Telemetry } from './telemetry.js';
import type { User } from './user.js';

/** How a service drains. Times are in ms. */
export interface DrainOptions {
  /**
   * How long runs and readers have; then runs end as `interrupted`, and readers have 1.5 s more to acknowledge that. Default
   * 25 s: orchestrators kill a process after 30.
   */
  readonly deadlineMs?: number;
  /** Over how long the clients spread their return. Default 5 s. */
  readonly spreadMs?: number;
  /** How many sessions are closed per round of 100 ms. Default 100. */
  readonly batch?: number;
}

/** What a drain needs of the service. */
export interface DrainPorts {
  readonly scheduler: Scheduler;
  readonly report: Telemetry;
  readonly sessions: Iterable<Session> & { readonly size: number };
  readonly users: Iterable<User>;
  /** Calls back when the service closes: then nothing is left to wait for. */
  onClose(task: () => void): void;
}

const roundMs = 100;

/** How long readers have to acknowledge how their runs were interrupted, in ms: clients take a second, and the way. */
const lastAcksMs = 1_500;

/**
 * Checks the options of a drain and fills in defaults.
 *
 * @throws OPTION_INVALID
 */
export function resolveDrainOptions(options: DrainOptions): Required<DrainOptions> {
  const { deadlineMs = 25_000, spreadMs = 5_000, batch = 100 } = options;
  for (const [name, value, least] of [
    ['deadlineMs', deadlineMs, 0],
    ['spreadMs', spreadMs, 0],
    ['batch', batch, 1],
  ] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw throughlineError('OPTION_INVALID', `Option ${name} must be an integer from ${least}.`);
  }
  return { deadlineMs, spreadMs, batch };
}

/** Resolves when no session and no run is left. */
export function drainSessions(ports: DrainPorts, options: Required<DrainOptions>): Promise<void> {
  const { deadlineMs, spreadMs, batch } = options;
  const { scheduler } = ports;
  const endsAt = scheduler.now() + deadlineMs;
  for (const session of ports.sessions) session.announceDrain(Math.floor(scheduler.random() * spreadMs));
  return new Promise((resolve) => {
    let interruptedAt: number | undefined;
    const round = (): boolean => {
      const runs = [...ports.users].flatMap((user) => [...user.runs.values()]);
      const sessions = ports.sessions.size;
      // Interrupted in one round, let go from the next on: in between everybody reads how their run ended. Were they all closed
      // at once, pages that show that end would count as pages that do not.
      const over = interruptedAt !== undefined && scheduler.now() >= interruptedAt + lastAcksMs;
      const closed = letGo(ports.sessions, batch, over ? () => true : (session) => session.released);
      ports.report({ kind: 'draining', sessions, runs: runs.length, closed });
      if (runs.length === 0 && sessions === 0 && !busy(ports.users)) return true;
      if (scheduler.now() >= endsAt) {
        interruptedAt ??= scheduler.now();
        for (const run of runs) run.interrupt().catch(() => {});
      }
      // Past the deadline nobody waits for peers that do not answer the close.
      return interruptedAt !== undefined && [...ports.sessions].every((session) => session.closing);
    };
    if (round()) {
      resolve();
      return;
    }
    const end = () => {
      stop();
      resolve();
    };
    const stop = scheduler.every(roundMs, () => {
      if (round()) end();
    });
    ports.onClose(end);
  });
}

function busy(users: Iterable<User>): boolean {
  for (const user of users) if (user.busy) return true;
  return false;
}

/** Closes as many sessions as a round may; tells how many. */
function letGo(sessions: Iterable<Session>, batch: number, ripe: (session: Session) => boolean): number {
  let closed = 0;
  for (const session of sessions) {
    if (closed === batch) break;
    if (session.closing || !ripe(session)) continue;
    session.close(closeCodes.drained, 'draining');
    closed += 1;
  }
  return closed;
}
