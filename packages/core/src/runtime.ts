// What the parts of one service share.
import type { EventLog } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { Scheduler } from './scheduler.js';
import type { Telemetry } from './telemetry.js';

export interface Runtime {
  readonly options: ResolvedOptions;
  readonly scheduler: Scheduler;
  readonly log: EventLog;
  readonly report: Telemetry;
  /** Closed: nothing is sent any more. */
  readonly closed: boolean;
  /** Draining: what has begun may end, no client's message is taken. */
  readonly draining: boolean;
  /** Errors that ended a run: its user has been told by `agent_completed`. */
  readonly told: WeakSet<object>;
}
