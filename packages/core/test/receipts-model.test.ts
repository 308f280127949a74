// Receipts know ranges and two numbers per reading. Here they are compared with a bookkeeper that has a record per event.
import { closeCodes, formatPosition } from '@throughline/events/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReadingSession } from '../src/delivery.js';
import type { NewEntry, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { findOpening } from '../src/opening.js';
import { Reader } from '../src/reader.js';
import { standingOf } from '../src/receipts.js';
import type { TelemetryEvent } from '../src/telemetry.js';
import { type LiveSession, User } from '../src/user.js';
import type { UserContext } from '../src/user-context.js';
import { fakeScheduler } from './fake-scheduler.js';
import { readEntries } from './frame-reader.js';
import { turn } from './running-service.js';
import { makeRuntime } from './runtime.js';

type Threads = readonly string[] | null;

type Action =
  | { readonly do: 'append'; readonly thread: string; readonly ends: boolean }
  | { readonly do: 'open'; readonly threads: Threads; readonly from: number | 'active' }
  | { readonly do: 'change'; readonly who: number; readonly threads: Threads; readonly from: number | 'active' }
  | { readonly do: 'ack'; readonly who: number; readonly upTo: number }
  | { readonly do: 'stall' | 'resume' | 'lag' | 'close'; readonly who: number };

const thread = fc.constantFrom('a', 'b', 'c');
const threads: fc.Arbitrary<Threads> = fc.oneof(fc.constant(null), fc.uniqueArray(thread, { maxLength: 2 }));
const from = fc.oneof(fc.constant('active' as const), fc.double({ min: 0, max: 1, noNaN: true }));
const who = fc.nat({ max: 3 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), thread, ends: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), threads, from }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), who, threads, from }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      who,
      upTo: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('stall', 'resume', 'lag', 'close'), who }) },
);

/** What happened to each event on its way to one session: nothing is derived from a range. */
class Bookkeeper {
  readonly events: { readonly thread: string }[];
  readonly offered = new Set<number>();
  readonly acked = new Set<number>();
  readonly passed = new Set<number>();
  threads: Threads = null;
  after = 0;
  looked = 0;
  /** What was offered since the present reading began: only of these the client can speak. */
  now = new Set<number>();

  constructor(events: { readonly thread: string }[]) {
    this.events = events;
  }

  reads(offset: number): boolean {
    return this.threads === null || this.threads.includes(this.events[offset - 1]?.thread as string);
  }

  begin(reads: Threads, after: number): void {
    this.threads = reads;
    this.after = after;
    this.looked = after;
    this.now = new Set();
  }

  look(head: number): void {
    for (; this.looked < head; this.looked++) {
      const offset = this.looked + 1;
      if (!this.reads(offset)) {
        this.passed.add(offset);
      } else {
        this.offered.add(offset);
        this.now.add(offset);
      }
    }
  }

  ack(upTo: number): void {
    if (upTo > this.looked) return;
    for (const offset of this.now) if (offset <= upTo) this.acked.add(offset);
  }

  standing(offset: number): string {
    if (this.acked.has(offset)) return 'acked';
    if (this.offered.has(offset)) return 'offered';
    if (offset > this.looked && this.reads(offset)) return 'waiting';
    if (this.passed.has(offset) || (offset > this.after && !this.reads(offset))) return 'other_thread';
    return 'before';
  }
}

interface Tracked {
  readonly session: LiveSession;
  readonly reader: Reader;
  readonly book: Bookkeeper;
  readonly sent: Set<number>;
  stalled: boolean;
  open: boolean;
}

const key = { tenant_id: 'default', user_id: 'ada' };
const userContext = { ...key, claims: {} } as unknown as UserContext;

function entryOf(thread_id: string): NewEntry {
  const body = `"user_id":"ada","type":"acme.note","thread_id":"${thread_id}","data":1}`;
  return { key, body, type: 'acme.note', thread_id, ends: false };
}

async function makeWorld() {
  const scheduler = Object.assign(fakeScheduler(), { turn: () => {} });
  const reports: TelemetryEvent[] = [];
  const runtime = {
    ...makeRuntime(scheduler, memoryLog({}, scheduler)),
    report: (event: TelemetryEvent) => void reports.push(event),
  };
  const user = new User(key, runtime);
  const log = await user.open();
  const tracked: Tracked[] = [];
  const events: { readonly thread: string; readonly ends: boolean }[] = [];
  /** The first session that acknowledged each end. */
  const firsts = new Map<number, string>();

  const positionAt = async (offset: number) => formatPosition(log.epoch, offset, (await log.markAt(offset)) as string);
  const fromOf = async (place: number | 'active') =>
    place === 'active' ? { active: true } : { active: false, position: await positionAt(Math.round(place * log.head)) };
  const look = () => {
    user.flush();
    for (const { book, stalled, open } of tracked) if (open && !stalled) book.look(log.head);
  };

  const steps: { [Name in Action['do']]: (action: Extract<Action, { do: Name }>) => Promise<void> | void } = {
    append({ thread: thread_id, ends }) {
      events.push({ thread: thread_id, ends });
      void user.append(log, [entryOf(thread_id)]);
      const offset = log.head;
      if (ends) {
        const position = formatPosition(log.epoch, offset, '00000000');
        user.receipts.await({ run_id: `r-${offset}`, thread_id, outcome: 'succeeded', position }, userContext);
      }
      look();
    },
    async open({ threads: wanted, from: place }) {
      if (tracked.filter(({ open }) => open).length >= 4) return;
      const id = `s-${tracked.length}`;
      const sent = new Set<number>();
      const state = { stalled: false, open: true };
      const reading = wanted === null ? undefined : new Set(wanted);
      const opening = await findOpening(log, await fromOf(place), reading);
      const sink = {
        get writable() {
          return state.open && !state.stalled;
        },
        write: (bytes: Buffer) => {
          for (const { offset } of readEntries(bytes)) sent.add(offset);
        },
      };
      const owner = { id, acks: true, say: () => {}, close: () => expect.unreachable() };
      const reader = new Reader({ owner, user, log, sink }, opening, reading);
      const session: LiveSession = {
        id,
        openedAt: scheduler.now(),
        acks: true,
        closing: false,
        get readings() {
          return reader.readings;
        },
        grant: { id: '', revoked: false },
        answered: true,
        probe: () => {},
        terminate: () => {},
        close: () => {},
        pump: () => reader.pump(),
      };
      const book = new Bookkeeper(events);
      book.begin(wanted, opening.after);
      tracked.push(Object.assign(state, { session, reader, book, sent }));
      user.join(session, log);
      reader.start(opening);
      look();
    },
    async change({ who: index, threads: wanted, from: place }) {
      const one = openAt(index);
      if (!one) return;
      const where = await fromOf(place);
      await one.reader.read(wanted, where);
      one.book.begin(wanted, place === 'active' ? log.head : Math.round(place * log.head));
      look();
    },
    async ack({ who: index, upTo }) {
      const one = openAt(index);
      if (!one) return;
      const offset = Math.round(upTo * log.head);
      const before = new Set(one.book.acked);
      one.book.ack(offset);
      for (const acked of one.book.acked) {
        if (before.has(acked) || !events[acked - 1]?.ends || firsts.has(acked)) continue;
        firsts.set(acked, one.session.id);
      }
      if (one.reader.acknowledge(await positionAt(offset)) === 'news') user.receipts.acknowledged(one.session);
      look();
    },
    stall({ who: index }) {
      const one = openAt(index);
      if (one) one.stalled = true;
    },
    resume({ who: index }) {
      const one = openAt(index);
      if (one) one.stalled = false;
      look();
    },
    async lag({ who: index }) {
      const one = openAt(index);
      if (!one) return;
      one.reader.lost('lagged');
      await turn();
      one.book.begin(one.book.threads, log.head);
    },
    close({ who: index }) {
      const one = openAt(index);
      if (!one) return;
      one.open = false;
      one.reader.stop();
      user.leave(one.session, closeCodes.done);
    },
  };
  const openAt = (index: number) => tracked.filter(({ open }) => open)[index];
  const step = async (each: Action) => {
    await (steps[each.do] as (action: Action) => Promise<void> | void)(each);
  };
  return { step, user, log, scheduler, tracked, events, reports, firsts };
}

/** Compares the receipts with the books; tells of how many sessions. */
async function expectAgreement({ user, log, scheduler, tracked, events }: Awaited<ReturnType<typeof makeWorld>>) {
  const idsOf = (chosen: readonly Tracked[]) => chosen.map(({ session }) => session.id).toSorted();
  const remembered = new Map<string, ReadingSession>(user.receipts.sessions.map((session) => [session.id, session]));
  for (const { session, book, sent } of tracked) {
    // The bookkeeper's own books: what it says was offered is what was written.
    expect([...book.offered].toSorted((a, b) => a - b)).toEqual([...sent].toSorted((a, b) => a - b));
    const known = remembered.get(session.id) as ReadingSession;
    const standings = events.map(({ thread: thread_id }, at) =>
      standingOf(known, { epoch: log.epoch, offset: at + 1, thread_id }),
    );
    expect(standings).toEqual(events.map((_, at) => book.standing(at + 1)));
  }
  for (const [at, { thread: thread_id }] of events.entries()) {
    const offset = at + 1;
    const asked = user.receipts.delivered({ epoch: log.epoch, offset, thread_id }, 1);
    scheduler.advance(1);
    const { acked, pending } = await asked;
    const standing = (one: Tracked) => one.book.standing(offset);
    expect(acked.toSorted()).toEqual(idsOf(tracked.filter((one) => standing(one) === 'acked')));
    const waitsFor = (one: Tracked) => one.open && ['offered', 'waiting'].includes(standing(one));
    expect(pending.toSorted()).toEqual(idsOf(tracked.filter(waitsFor)));
  }
  expectReceipts(user, log, tracked);
  return tracked.length;
}

function expectReceipts(user: User, log: UserLog, tracked: readonly Tracked[]) {
  const expected = tracked
    .filter(({ open }) => open)
    .map(({ session, book }) => ({
      session_id: session.id,
      threads: book.threads,
      offered: book.looked,
    }));
  const listed = user.receipts.list();
  expect(listed).toMatchObject(expected);
  expect(listed).toHaveLength(expected.length);
  for (const { acked, offered } of listed) expect(acked).toBeLessThanOrEqual(Math.min(offered, log.head));
}

test('S7 R11 R13: an ack counts for what was offered to that session in that reading, and for nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
      const world = await makeWorld();
      for (const each of actions) await world.step(each);
      expect(await expectAgreement(world)).toBe(world.tracked.length);
    }),
    { numRuns: 300 },
  );
});

test('S7 R11: each end of a run is told once: who was the first to acknowledge it, or that nobody has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
      const world = await makeWorld();
      for (const each of actions) await world.step(each);
      const { user, reports, firsts, events, tracked, scheduler } = world;
      user.receipts.close();
      const told = reports.flatMap((event): [string, string | number][] => {
        if (event.kind === 'run_delivered') return [[event.run_id, event.session_id]];
        return event.kind === 'run_undelivered' ? [[event.run_id, event.offered]] : [];
      });
      const offeredTo = (offset: number) => tracked.filter(({ book }) => book.standing(offset) === 'offered').length;
      const expected = events.flatMap(({ ends }, at): [string, string | number][] =>
        ends ? [[`r-${at + 1}`, firsts.get(at + 1) ?? offeredTo(at + 1)]] : [],
      );
      expect(new Map(told)).toEqual(new Map(expected));
      expect(told).toHaveLength(expected.length);
      // What is left is the memory log's own.
      expect(scheduler.waiting).toBe(1);
    }),
    { numRuns: 300 },
  );
});
