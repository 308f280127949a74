// The contract of a manager: the handle a service holds to speak to ONE user. Types only.
import type { TenantId, ThreadId, UserId } from '@throughline/events/protocol';
import type { SessionReceipt } from './delivery.js';
import type { Position, Verdict } from './log.js';
import type { Run, RunOptions, RunResult } from './run.js';
import type { Scope } from './user-context.js';

/** What `work` may return: a result, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: an async function without a return gives a promise of void
export type WorkResult = RunResult | undefined | void;

/** Speaks to one user: the one whose context it was made from. */
export interface WebSocketManager {
  readonly user_id: UserId;
  readonly tenant_id: TenantId;
  /** Present when the context it was made from is narrowed: it speaks for that alone. */
  readonly scope?: Scope | undefined;

  /**
   * Runs a piece of agent work, from `agent_started` to `agent_completed`.
   *
   * What `work` returns ends the run as `succeeded`, what it throws as `failed` (as `cancelled` after the user's cancel).
   * The run also ends, without waiting for `work`, when a cancel is not heeded for `cancelGraceMs`, after `maxRunMs`,
   * and when the service goes away.
   *
   * Not looking at what it returns is safe: however the run ends, its user is told, and the process goes on.
   *
   * @returns what `work` returned
   * @throws what `work` threw; the first failure of a send, awaited or not; RUN_CANCELLED, RUN_TIMED_OUT or
   *   RUN_INTERRUPTED when the run ended without it
   */
  run<T extends WorkResult>(options: RunOptions, work: (run: Run) => Promise<T> | T): Promise<T>;

  /** Begins a run that the caller ends: with `completed()`, `failed()`, or by leaving its `await using` scope. */
  startRun(options: RunOptions): Promise<Run>;

  /** Sends a custom event outside any run. */
  send(type: `${string}.${string}`, data: unknown, place: { readonly thread_id: ThreadId }): Verdict;

  /**
   * Where a page opens that holds no state: before the oldest unfinished run, else at the head.
   *
   * For a snapshot, read this first and the database second, and let each run write its own record before it returns.
   * Then every run is in the snapshot or behind the position, and no run is in neither.
   */
  position(): Promise<Position>;

  /** What each open session of the user was offered and has processed. Empty when nobody is there. */
  receipts(): readonly SessionReceipt[];

  /**
   * Closes every open session of the user, those that `receipts()` names, with 1000: its pages do not come back by
   * themselves, only when they are loaded or told to connect again. Nothing else ends: contexts stay valid, runs go on,
   * and what is sent meanwhile waits in the log. To end a sign-in, use `service.revoke(userContext)`.
   *
   * @param reason told to the client in the close frame: for people, at most 120 bytes of UTF-8. Default: `disconnected`
   * @returns how many sessions are closed by it
   * @throws SCOPE_EXCEEDED for a narrowed context: a session reads more than one thread; OPTION_INVALID;
   *   CONTEXT_REVOKED, CONTEXT_ENDED, SERVICE_CLOSED
   */
  disconnect(reason?: string): number;
}
