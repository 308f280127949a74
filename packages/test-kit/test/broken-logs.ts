// Logs that break one rule of the contract each.
import type { EventLog, NewEntry, Slice, Subscriber, UserLog } from '@throughline/core/log';
import { changedLog } from './memory-stores.js';

export interface BrokenLog {
  /** The case that is meant for it. */
  readonly caught: string;
  readonly spoil: (store: EventLog) => EventLog;
}

/** Takes whatever comes for its own. */
const ownKey = (log: UserLog): Partial<UserLog> => ({
  append: (batch) => log.append(batch.map((entry) => ({ ...entry, key: log.key }))),
});

function unnamed(entry: NewEntry): NewEntry {
  const { run_id: _, seq: __, ...rest } = entry;
  return rest;
}

export const brokenLogs: Readonly<Record<string, BrokenLog>> = {
  'stores repetitions': {
    caught: 'an event of a run is stored once, and its first place is returned',
    spoil: (store) => changedLog(store, (log) => ({ append: (batch) => log.append(batch.map(unnamed)) })),
  },
  'tells runs apart by number alone': {
    caught: 'the same number in two runs, and events outside of runs, are never taken for each other',
    spoil: (store) =>
      changedLog(store, (log) => ({
        append: (batch) => log.append(batch.map((entry) => (entry.run_id ? { ...entry, run_id: 'r' } : entry))),
      })),
  },
  'returns the place of the first entry of a batch': {
    caught: 'append returns the place of the last entry of the batch',
    spoil: (store) =>
      changedLog(store, (log) => ({
        append(batch) {
          const [first, ...rest] = batch.map((entry) => log.append([entry])) as { offset: number; mark: string }[];
          return rest.length < 9 ? (first as { offset: number; mark: string }) : (rest.at(-1) as never);
        },
      })),
  },
  'normalises text': {
    caught: 'the bytes that enter are the bytes that leave',
    spoil: (store) =>
      changedLog(store, (log) => ({
        append: (batch) => log.append(batch.map((entry) => ({ ...entry, body: entry.body.normalize('NFC') }))),
      })),
  },
  'cuts huge entries': {
    caught: 'huge entries are stored whole, between small ones',
    spoil: (store) =>
      changedLog(store, (log) => ({
        append: (batch) =>
          log.append(
            batch.map((entry) =>
              entry.body.length < 100_000 ? entry : { ...entry, body: `${entry.body.slice(0, 100)}"}` },
            ),
          ),
      })),
  },
  'cuts slices at a byte': {
    caught: 'a slice holds whole entries, at most so many bytes, and one at least',
    spoil: (store) =>
      changedLog(store, (log) => ({
        read(after, maxBytes) {
          const slice = log.read(after, 1_000_000) as Slice | undefined;
          return slice && { ...slice, bytes: slice.bytes.subarray(0, Math.max(2, maxBytes)) };
        },
      })),
  },
  'gives more than was asked for': {
    caught: 'a slice holds whole entries, at most so many bytes, and one at least',
    spoil: (store) => changedLog(store, (log) => ({ read: (after, maxBytes) => log.read(after, maxBytes * 2) })),
  },
  'gives an entry again': {
    caught: 'reading begins behind any offset, and ends at the head',
    spoil: (store) =>
      changedLog(store, (log) => ({
        read: (after, maxBytes) => (after >= log.head ? undefined : log.read(Math.max(0, after - 1), maxBytes)),
      })),
  },
  'uses the buffers of slices again': {
    caught: 'a slice that was handed out never changes',
    spoil(store) {
      const buffers: Buffer[] = [];
      return changedLog(store, (log) => ({
        read(after, maxBytes) {
          const slice = log.read(after, maxBytes);
          if (slice && typeof slice === 'object' && 'bytes' in slice) buffers.push(slice.bytes);
          return slice;
        },
        erase() {
          for (const buffer of buffers) buffer.fill(0);
          return log.erase();
        },
      }));
    },
  },
  'never wakes': {
    caught: 'an append wakes each subscriber, and what it has stored can then be read',
    spoil: (store) => changedLog(store, () => ({ subscribe: () => () => {} })),
  },
  'knows its head from reading': {
    caught: 'when a subscriber is woken, `head` is as far as what was appended',
    spoil: (store) =>
      changedLog(store, (log) => {
        let known = 0;
        return {
          get head() {
            return known;
          },
          read(after, maxBytes) {
            known = log.head;
            return log.read(after, maxBytes);
          },
        };
      }),
  },
  'learns its head a turn after it wakes': {
    caught: 'when a subscriber is woken, `head` is as far as what was appended',
    spoil: (store) =>
      changedLog(store, (log) => {
        let known = 0;
        return {
          get head() {
            return known;
          },
          append(batch) {
            const place = log.append(batch);
            setImmediate(() => {
              known = log.head;
            });
            return place;
          },
        };
      }),
  },
  'wakes before it stores': {
    caught: 'no wake is lost, whenever it comes: a reader that only sleeps at the head hears everything',
    spoil: (store) =>
      changedLog(store, (log) => {
        const subscribers = new Set<Subscriber>();
        return {
          subscribe(subscriber) {
            subscribers.add(subscriber);
            return () => subscribers.delete(subscriber);
          },
          async append(batch) {
            for (const subscriber of subscribers) subscriber.wake();
            await new Promise((resolve) => setImmediate(resolve));
            return log.append(batch);
          },
        };
      }),
  },
  'wakes whoever has gone': {
    caught: 'who has ended a subscription is not woken any more, and others are',
    spoil: (store) =>
      changedLog(store, (log) => ({
        subscribe(subscriber) {
          log.subscribe(subscriber);
          return () => {};
        },
      })),
  },
  'answers a reader below the floor with what it has': {
    caught: 'what was dropped is below the floor, and the rest can be read from there',
    spoil: (store) =>
      changedLog(store, (log) => ({ read: (after, maxBytes) => log.read(Math.max(after, log.floor), maxBytes) })),
  },
  'forgets the mark of its floor': {
    caught: 'the floor has a mark, and what is below has none',
    spoil: (store) =>
      changedLog(store, (log) => ({
        markAt: (offset) => (offset > 0 && offset === log.floor ? undefined : log.markAt(offset)),
      })),
  },
  'has marks for everything': {
    caught: 'no mark stands where no entry is',
    spoil: (store) =>
      changedLog(store, (log) => ({ markAt: async (offset) => (await log.markAt(offset)) ?? '12345678' })),
  },
  'forgets threads in active': {
    caught: 'active looks at the runs of some threads alone, when it is asked to',
    spoil: (store) => changedLog(store, (log) => ({ active: () => log.active() })),
  },
  'opens at the newest run': {
    caught: 'active is before the oldest unfinished run, whatever ends meanwhile',
    spoil: (store) =>
      changedLog(store, (log) => ({ active: async () => Math.min(log.head, ((await log.active()) as number) + 2) })),
  },
  'says unknown for what was dropped': {
    caught: 'find says that an event of an unfinished run was dropped',
    spoil: (store) =>
      changedLog(store, (log) => ({
        async find(run_id, seq) {
          const found = await log.find(run_id, seq);
          return found.state === 'dropped' ? { state: 'unknown' } : found;
        },
      })),
  },
  'lets everybody claim': {
    caught: 'a message is claimed once, by whoever comes first',
    spoil: (store) => changedLog(store, () => ({ claim: () => true })),
  },
  'asks first and remembers later': {
    caught: 'of many that claim one message at once, one has it',
    spoil: (store) =>
      changedLog(store, () => {
        const claimed = new Set<string>();
        return {
          async claim(message_id) {
            if (claimed.has(message_id)) return false;
            await new Promise((resolve) => setImmediate(resolve));
            claimed.add(message_id);
            return true;
          },
        };
      }),
  },
  'remembers ten messages': {
    caught: 'the last 1,000 messages are remembered',
    spoil: (store) =>
      changedLog(store, () => {
        const claimed: string[] = [];
        return {
          claim(message_id) {
            if (claimed.includes(message_id)) return false;
            claimed.push(message_id);
            if (claimed.length > 10) claimed.shift();
            return true;
          },
        };
      }),
  },
  'takes entries of others': {
    caught: 'what is for somebody else is refused with LEAK_STOPPED, and nothing of its batch is stored',
    spoil: (store) => changedLog(store, ownKey),
  },
  'stores what comes before a foreign entry': {
    caught: 'what is for somebody else is refused with LEAK_STOPPED, and nothing of its batch is stored',
    spoil: (store) =>
      changedLog(store, (log) => ({
        append: (batch) => batch.map((entry) => log.append([entry])).at(-1) as { offset: number; mark: string },
      })),
  },
  'has one log for all tenants': {
    caught: 'users and tenants have logs of their own, whatever their ids hold',
    spoil: (store) => changedLog(store, ownKey, (key) => ({ ...key, tenant_id: 'default' })),
  },
  'joins names with a colon': {
    caught: 'users and tenants have logs of their own, whatever their ids hold',
    spoil: (store) =>
      changedLog(store, ownKey, ({ tenant_id, user_id }) => ({
        tenant_id: 'default',
        user_id: `${tenant_id}:${user_id}`,
      })),
  },
  'keeps its epoch when it is erased': {
    caught: 'erase forgets everything and begins another incarnation',
    spoil: (store) =>
      changedLog(store, (log) => {
        const { epoch } = log;
        return { epoch };
      }),
  },
  'erases in silence': {
    caught: 'erase wakes those who read, and they see the new epoch',
    spoil: (store) =>
      changedLog(store, (log) => {
        let erasing = false;
        return {
          subscribe: (subscriber) => log.subscribe({ wake: () => erasing || subscriber.wake() }),
          erase() {
            erasing = true;
            const erased = log.erase();
            erasing = false;
            return erased;
          },
        };
      }),
  },
  'answers with something like a promise': {
    caught: 'an answer that is not at hand is a Promise, and nothing that only looks like one',
    spoil: (store) =>
      changedLog(store, (log) => ({
        // biome-ignore lint/suspicious/noThenProperty: this is the fault
        markAt: (offset) => ({ then: (done: (mark: unknown) => void) => done(log.markAt(offset)) }) as never,
      })),
  },
};
