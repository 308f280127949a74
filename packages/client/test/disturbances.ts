// What may happen to a page: steps for property tests, what the agents say meanwhile, and what should be seen of it.
import type { AgentEvent } from '@throughline/events';
import fc from 'fast-check';
import { event, wholeRun } from './script.js';

export const threads: readonly string[] = ['t-0', 't-1', 't-2'];
const some = (most: number) => fc.integer({ min: 1, max: most });

const wanted = fc.option(fc.subarray([...threads]), { nil: undefined });
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant('grow'), turns: fc.array(fc.nat(6), { maxLength: 12 }) }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('serve'), entries: some(12), joins: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('deliver'), frames: some(10) }) },
  { weight: 12, arbitrary: fc.record({ does: fc.constant('flow'), entries: some(20), joins: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('read'), wanted }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('repeat'), frames: some(6) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('wait'), ms: fc.constantFrom(0, 1_000, 10_000) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('take'), events: some(6) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('lose') }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('cut', 'heartbeat') }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('lag', 'erase') }) },
);

/** One thing that happens, and what it needs. */
export interface Step {
  readonly does:
    | 'grow'
    | 'serve'
    | 'deliver'
    | 'flow'
    | 'read'
    | 'repeat'
    | 'wait'
    | 'take'
    | 'lose'
    | 'cut'
    | 'heartbeat'
    | 'lag'
    | 'erase';
  readonly turns?: number[];
  readonly entries?: number;
  readonly joins?: boolean;
  readonly frames?: number;
  readonly wanted?: string[] | undefined;
  readonly ms?: number;
  readonly events?: number;
}

/** What the runs will say: two in each of two threads, none in the third, and events outside of runs in all. */
export function speakers(): AgentEvent[][] {
  const runs = [0, 1, 2, 3].map((run) =>
    wholeRun(['a', 'b', 'c', 'd', 'e', 'f'], `r-${run}`).map((one) => ({ ...one, thread_id: `t-${run % 2}` })),
  );
  const customs = threads.map((thread_id) =>
    Array.from({ length: 40 }, (_, data) => ({ ...event(0, 0, 'acme.ping', { data }), thread_id })),
  );
  return [...runs, ...customs];
}

/** Where each thread would have begun for a page that was never disturbed. */
export function createLedger() {
  const own = new Map<string, number>();
  let rest: number | undefined;
  return {
    knows: (wanted: ReadonlySet<string> | undefined) =>
      rest !== undefined || (wanted !== undefined && [...wanted].every((one) => own.has(one))),
    since: (thread: string) => own.get(thread) ?? rest ?? Infinity,
    begin(wanted: ReadonlySet<string> | undefined, opens: number) {
      if (!wanted) rest ??= opens;
      else if (rest === undefined) for (const one of wanted) if (!own.has(one)) own.set(one, opens);
    },
    clear() {
      own.clear();
      rest = undefined;
    },
  };
}

/** What happens in a row. */
export const steps = fc.array(step as fc.Arbitrary<Step>, { maxLength: 80, size: 'max' });
