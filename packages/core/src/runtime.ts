// What the parts of one service share.
import type { Breaker } from './breaker.js';
import type { EventLog, UserKey } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { Scheduler } from './scheduler.js';
import type { Telemetry } from './telemetry.js';
import type { Turns } from './turns.js';

export interface Runtime {
  readonly options: ResolvedOptions;
  readonly scheduler: Scheduler;
  /** The time as it stands in events. */
  readonly timestamp: () => string;
  readonly turns: Turns;
  readonly log: EventLog;
  readonly report: Telemetry;
  /** Whether storage works, as those who use it tell. */
  readonly storage: Breaker;
  /** Something was about to cross from one user to another, and was stopped. The service is unhealthy from now on. */
  leaked(key: UserKey, where: 'log' | 'window' | 'session'): void;
  /** Closed: nothing is sent any more. */
  readonly closed: boolean;
  /** Draining: what has begun may end, no client's message is taken. */
  readonly draining: boolean;
  /** Errors that ended a run: its user has been told by `agent_completed`. */
  readonly told: WeakSet<object>;
}
