import type { AgentEvent } from '@throughline/events';
import { parseFrom, parsePosition, type WelcomeFrame } from '@throughline/events/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReader, type Reader, type Reset } from '../src/reader.js';
import { fold, noRuns } from '../src/store.js';
import { at, epoch, event, wholeRun } from './script.js';

/** What the next connection asks for. */
function fromOf(reader: Reader): string | null {
  const query = new URLSearchParams();
  reader.query(query);
  return query.get('from');
}

function setUp(from?: string) {
  const delivered: (AgentEvent | undefined)[] = [];
  const unsettled: (() => void)[] = [];
  const acked: string[] = [];
  const resets: Reset[] = [];
  const faults: string[] = [];
  let held = false;
  const reader = createReader(
    from as never,
    undefined,
    { processed: (position) => acked.push(position), met() {}, stop() {} },
    {
      deliver(one, settle) {
        delivered.push(one);
        if (held) unsettled.push(settle);
        else settle();
      },
      reset: (reset) => resets.push(reset),
      report: (fault) => faults.push(fault.code),
      ask() {},
    },
  );
  return {
    reader,
    delivered,
    unsettled,
    acked,
    resets,
    faults,
    hold() {
      held = true;
    },
    welcome: (position: string, head = 0) =>
      reader.welcome({ type: 'welcome', position, head } as unknown as WelcomeFrame),
    take: (one: AgentEvent) => reader.event(one, 100),
  };
}

test('the end of a run is what a service waits to hear of', () => {
  const urgent: (boolean | undefined)[] = [];
  const acks = { processed: (_: string, __: number, isUrgent?: boolean) => urgent.push(isUrgent), met() {}, stop() {} };
  const ports = { deliver: (_: unknown, settle: () => void) => settle(), reset() {}, report() {}, ask() {} };
  const reader = createReader(undefined, undefined, acks, ports);
  reader.welcome({ type: 'welcome', position: at(0), head: 0 } as unknown as WelcomeFrame);
  reader.event(event(1, 1, 'agent_started', {}), 100);
  reader.event(event(2, 2, 'agent_completed', { outcome: 'succeeded', duration_ms: 1 }), 100);
  expect(urgent).toEqual([false, true]);
});

test('the first connection asks for what is active, or for the position of a snapshot', () => {
  expect(fromOf(setUp().reader)).toBe('active');
  expect(fromOf(setUp(at(7)).reader)).toBe(at(7));
  expect(setUp(at(7)).reader.position).toBe(at(7));
});

test('the position moves when an event is processed, not when it comes; the next connection reads on after what came', () => {
  const { reader, welcome, take, hold, unsettled, acked } = setUp();
  welcome(at(3));
  expect(reader.position).toBe(at(3));
  hold();
  take(event(4, 1, 'agent_started', {}));
  take(event(5, 2, 'partial_result', { text: 'a' }));
  expect(reader.position).toBe(at(3));
  expect(fromOf(reader)).toBe(at(5));
  unsettled[0]?.();
  expect(reader.position).toBe(at(4));
  expect(acked).toEqual([at(4)]);
});

test('a duplicate is dropped and still moves the position', () => {
  const { reader, welcome, take, delivered } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  take(event(2, 1, 'agent_started', {}));
  expect(delivered.slice(1).map((one) => one?.offset)).toEqual([1, undefined]);
  expect(reader.position).toBe(at(2));
});

test('what one connection brought is not acknowledged on another', () => {
  const { reader, welcome, take, hold, unsettled, acked } = setUp();
  welcome(at(0));
  hold();
  take(event(1, 1, 'agent_started', {}));
  reader.down();
  welcome(at(1));
  unsettled[0]?.();
  expect(reader.position).toBe(at(1));
  expect(acked).toEqual([]);
});

test('it has caught up when the head of the welcome has come', () => {
  const { reader, welcome, take } = setUp();
  welcome(at(0), 2);
  expect(reader.caughtUp).toBe(false);
  take(event(1, 1, 'agent_started', {}));
  expect(reader.caughtUp).toBe(false);
  take(event(2, 2, 'partial_result', { text: 'a' }));
  expect(reader.caughtUp).toBe(true);
});

test('a reset voids what is held: what was processed comes anew', () => {
  const { reader, welcome, take, delivered, resets } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  reader.reset({ type: 'reset', cause: 'lagged', position: at(0) });
  expect(resets).toEqual([{ cause: 'lagged', position: at(0) }]);
  expect(reader.position).toBe(at(0));
  take(event(1, 1, 'agent_started', {}));
  expect(delivered.slice(1).map((one) => one?.offset)).toEqual([1, 1]);
});

test('a welcome with no position is refused, also when one was asked for', () => {
  const { reader, welcome } = setUp(at(7));
  expect(() => welcome('nonsense')).toThrow(expect.objectContaining({ code: 'INVALID_FRAME' }));
  expect(fromOf(reader)).toBe(at(7));
});

test('between the welcome and the reset of another log the old position stays the one to ask for', () => {
  const { reader, welcome, take } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  reader.down();
  welcome(at(0, 'other'));
  expect(fromOf(reader)).toBe(at(1));
  reader.down();
  welcome(at(0, 'other'));
  reader.reset({ type: 'reset', cause: 'unknown_epoch', position: at(0, 'other') });
  expect(fromOf(reader)).toBe(at(0, 'other'));
  take(event(1, 1, 'agent_started', {}));
  expect(reader.position).toBe(at(1, 'other'));
});

test('a jump is a fault; then active is asked, and the run joins what is held', () => {
  const { reader, welcome, take, delivered, resets } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  expect(() => take(event(3, 3, 'partial_result', { text: 'b' }))).toThrow(expect.objectContaining({ code: 'GAP' }));
  reader.down();
  // What was read of other threads is not given up.
  expect(fromOf(reader)).toBe(`active,${at(1)}`);
  welcome(at(0), 3);
  for (const one of [
    event(1, 1, 'agent_started', {}),
    event(2, 2, 'partial_result', { text: 'a' }),
    event(3, 3, 'partial_result', { text: 'b' }),
  ]) {
    take(one);
  }
  expect(delivered.slice(1).map((one) => one?.offset)).toEqual([1, undefined, 2, 3]);
  expect(resets).toEqual([]);
});

test('a run that ended while its gap was being read again cannot be mended: everything is void', () => {
  const { reader, welcome, take, resets } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  expect(() => take(event(3, 3, 'partial_result', { text: 'b' }))).toThrow('gap: offset 3');
  reader.down();
  welcome(at(4));
  expect(resets).toEqual([{ cause: 'gap', position: at(4) }]);
});

test('a log that was lost while a gap was being read again voids everything', () => {
  const { reader, welcome, take, resets } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  expect(() => take(event(3, 3, 'partial_result', { text: 'b' }))).toThrow('gap: offset 3');
  reader.down();
  welcome(at(0, 'other'));
  expect(resets).toEqual([]);
  expect(fromOf(reader)).toBe(`active,${at(1)}`);
  reader.reset({ type: 'reset', cause: 'unknown_epoch', position: at(0, 'other') });
  expect(resets).toEqual([{ cause: 'unknown_epoch', position: at(0, 'other') }]);
});

test('the same jump is known when it comes again joined with more', () => {
  const { reader, welcome, take, resets } = setUp();
  welcome(at(0));
  for (const seq of [1, 2, 3]) take(event(seq, seq, 'partial_result', { text: '.' }));
  const joined = (seq: number) => ({ ...event(seq, seq, 'partial_result', { text: '...' }), first_seq: 2 });
  for (const seq of [5, 6]) {
    expect(() => take(joined(seq) as AgentEvent)).toThrow(expect.objectContaining({ code: 'GAP' }));
    reader.down();
    expect(fromOf(reader)).toBe(seq === 5 ? `active,${at(3)}` : 'active');
    welcome(at(0));
  }
  expect(resets).toEqual([{ cause: 'gap', position: at(0) }]);
  take(event(1, 1, 'partial_result', { text: '.' }));
  take(joined(7) as AgentEvent);
  expect(reader.position).toBe(at(7));
});

test('a hole in the log itself does not withhold the end of the run', () => {
  const { reader, welcome, take, delivered, resets, faults } = setUp();
  const log = [event(1, 1, 'agent_started', {}), event(2, 3, 'partial_result', { text: 'c' })];
  const attempts = [1, 2].map(() => {
    reader.down();
    welcome(at(0));
    return () => log.forEach(take);
  });
  for (const attempt of attempts) expect(attempt).toThrow(expect.objectContaining({ code: 'GAP' }));
  reader.down();
  welcome(at(0));
  log.forEach(take);
  expect(resets.map(({ cause }) => cause)).toEqual(['gap']);
  expect(faults).toEqual(['GAP']);
  expect(delivered.at(-1)?.offset).toBe(2);
});

test('a heartbeat beyond what came shows that events are lost, even the last', () => {
  const { reader, welcome, take } = setUp();
  welcome(at(0));
  take(event(1, 1, 'agent_started', {}));
  reader.heartbeat({ type: 'heartbeat', position: at(1) });
  expect(() => reader.heartbeat({ type: 'heartbeat', position: at(2) })).toThrow(
    expect.objectContaining({ code: 'GAP' }),
  );
  expect(fromOf(reader)).toBe(at(1));
});

test.each(['', 'nonsense', undefined])('a position %j from a service is refused', (position) => {
  const { reader, welcome } = setUp();
  expect(() => welcome(position as string)).toThrow(expect.objectContaining({ code: 'INVALID_FRAME' }));
  expect(() => reader.reset({ type: 'reset', cause: 'lagged', position: position as never })).toThrow(
    'invalid frame: position',
  );
  expect(fromOf(reader)).toBe('active');
});

// What may happen on one connection, before it is cut.
const connection = fc.record({
  /** Entries that the log has gained before it. */
  grown: fc.nat(12),
  merges: fc.boolean(),
  /** After so many entries some are sent again. */
  again: fc.option(fc.record({ after: fc.nat(12), back: fc.nat(8) })),
  /** One entry that is left out. */
  skips: fc.option(fc.nat(12)),
  cut: fc.nat(25),
});

/** Runs side by side, as a log has them, with events outside runs in between. */
const logs = fc.array(fc.nat(3), { minLength: 10, maxLength: 60 }).map((turns) => {
  const runs = [0, 1, 2].map((run) => wholeRun(['a', 'b', 'c', 'd', 'e', 'f'], `r-${run}`));
  const log: AgentEvent[] = [];
  const say = (one: AgentEvent) => {
    const offset = log.length + 1;
    log.push({ ...one, offset, mark: parsePosition(at(offset))?.mark as string } as AgentEvent);
  };
  for (const turn of turns) {
    const next = runs[turn]?.shift();
    if (next) say(next);
    else say(event(0, 0, 'acme.ping', {}));
  }
  for (const rest of runs.flat()) say(rest);
  return log;
});

/** Where `active` opens in a log of these entries. */
function active(log: readonly AgentEvent[]): number {
  const ended = new Set(log.filter(({ type }) => type === 'agent_completed').map(({ run_id }) => run_id));
  const first = log.find(({ run_id }) => run_id !== undefined && !ended.has(run_id));
  return first ? first.offset - 1 : log.length;
}

/** Joins neighbouring pieces of one run, as a service does for a reader that lags. */
function merge(entries: readonly AgentEvent[]): AgentEvent[] {
  const merged: AgentEvent[] = [];
  for (const one of entries) {
    const last = merged.at(-1);
    if (one.type === 'partial_result' && last?.type === 'partial_result' && last.run_id === one.run_id) {
      const first_seq = last.first_seq ?? last.seq;
      const pieces = [...(last.pieces ?? [last.data.text.length]), one.data.text.length];
      merged[merged.length - 1] = { ...one, first_seq, pieces, data: { text: last.data.text + one.data.text } };
    } else merged.push(one);
  }
  return merged;
}

test('S8: whatever is cut, sent again, merged or left out, the fold is that of an undisturbed reader', () => {
  fc.assert(
    fc.property(logs, fc.array(connection, { maxLength: 12 }), (log, connections) => {
      let state = noRuns;
      let outside = 0;
      let hole = false;
      /** Where a page that was never disturbed would have begun. */
      let since: number | undefined;
      const { reader, welcome, take } = (() => {
        const made = createReader(
          undefined,
          undefined,
          { processed() {}, met() {}, stop() {} },
          {
            deliver(one, settle) {
              if (one?.run_id) state = fold(state, one);
              else if (one) outside++;
              settle();
            },
            reset({ position }) {
              state = noRuns;
              outside = 0;
              since = parsePosition(position)?.offset as number;
            },
            report() {
              hole = true;
            },
            ask() {},
          },
        );
        return {
          reader: made,
          welcome: (position: string, head: number) =>
            made.welcome({ type: 'welcome', position, head } as unknown as WelcomeFrame),
          take: (one: AgentEvent) => made.event(one, 1),
        };
      })();
      let head = 0;
      const leftOut = new Set<number>();
      const last = { grown: log.length, merges: false, again: null, skips: null, cut: Infinity };
      // After the misbehaviour: as many good connections as a fault may need.
      for (const { grown, merges, again, skips, cut } of [...connections, last, last, last]) {
        head = Math.min(log.length, head + grown);
        const from = fromOf(reader) as string;
        const asked = parseFrom(from);
        const opens = Math.min(
          asked?.active ? active(log.slice(0, head)) : Infinity,
          asked?.position ? (parsePosition(asked.position)?.offset as number) : Infinity,
        );
        since ??= opens;
        welcome(at(opens), head);
        let entries = log.slice(opens, head);
        if (merges) entries = merge(entries);
        // Nobody could miss what belongs to no run, the last of a run, and the first that is to be seen of one.
        const omitted = skips === null ? undefined : entries[skips];
        if (
          omitted?.run_id &&
          omitted.type !== 'agent_completed' &&
          !leftOut.has(omitted.offset) &&
          (state.runs.has(omitted.run_id) || entries.find(({ run_id }) => run_id === omitted.run_id) !== omitted)
        ) {
          leftOut.add(omitted.offset);
          entries = entries.filter((one) => one !== omitted);
        }
        if (again) entries.splice(again.after, 0, ...entries.slice(Math.max(0, again.after - again.back), again.after));
        try {
          for (const one of entries.slice(0, cut)) take(one);
        } catch (fault) {
          if ((fault as { code?: string }).code !== 'GAP') throw fault;
        }
        reader.down();
      }
      // Left out three times in a row: another test.
      fc.pre(!hole);
      const expected = log.filter(({ offset }) => offset > (since as number));
      expect(reader.position).toBe(at(log.length));
      expect(state).toEqual(expected.reduce(fold, noRuns));
      expect(outside).toBe(expected.filter(({ run_id }) => run_id === undefined).length);
    }),
    { numRuns: 500 },
  );
});

test('positions carry the epoch of the log that was read', () => {
  const { reader, welcome } = setUp();
  welcome(at(5));
  expect(reader.position).toBe(`${epoch}.5.${parsePosition(at(5))?.mark}`);
});
