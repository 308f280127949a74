// A cursor on a memory log, with a sink and a clock that a test moves.
import { Cursor, type CursorOwner } from '../src/cursor.js';
import { envelopeOf } from '../src/envelope.js';
import type { NewEntry, UserKey, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { fakeScheduler } from './fake-scheduler.js';
import { readEntries } from './frame-reader.js';
import { type Hooks, hookedLog } from './hooked-log.js';

export const key: UserKey = { tenant_id: 'default', user_id: 'ada' };

export function entry(text = 'x'): NewEntry {
  const body = `${envelopeOf(key)},"type":"acme.note","data":${JSON.stringify(text)}}`;
  return { key, body, type: 'acme.note', thread_id: 't', ends: false };
}

export function makeLog(hooks: Hooks = {}, entriesPerUser = 50_000): UserLog {
  const store = hookedLog(memoryLog({ entriesPerUser }, fakeScheduler()), hooks);
  return store.open(key) as UserLog;
}

/** A sink that takes what it is given until a test says otherwise, and remembers it. */
function makeSink() {
  const offsets: number[] = [];
  let bytes = 0;
  const sink = {
    writable: true,
    write(frames: Buffer) {
      bytes += frames.length;
      offsets.push(...readEntries(frames).map(({ offset }) => offset));
    },
  };
  return { sink, offsets, bytes: () => bytes };
}

/** What nothing in these tests should tell. */
export const sound: CursorOwner = {
  lost: (cause) => {
    throw new Error(`nothing was dropped: ${cause}`);
  },
  leaked: () => {
    throw new Error('nothing was planted');
  },
  failed: (error) => {
    throw error;
  },
  caughtUp: () => {},
};

export function makeCursor({
  hooks = {},
  after = 0,
  windowBytes = Number.POSITIVE_INFINITY,
  entries = 0,
  log = makeLog(hooks),
  epoch = undefined as string | undefined,
  threads = undefined as ReadonlySet<string> | undefined,
} = {}) {
  const clock = { now: 1_000 };
  for (let count = 0; count < entries; count++) void log.append([entry('x'.repeat(1_000))]);
  const { sink, offsets, bytes } = makeSink();
  const lost: string[] = [];
  let caughtUp = 0;
  const cursor = new Cursor({
    log,
    sink,
    after,
    epoch: epoch ?? log.epoch,
    threads,
    windowBytes,
    envelope: envelopeOf(key),
    now: () => clock.now,
    owner: { ...sound, lost: (cause) => void lost.push(cause), caughtUp: () => void caughtUp++ },
  });
  return { log, sink, offsets, bytes, cursor, clock, lost, caughtUp: () => caughtUp };
}
