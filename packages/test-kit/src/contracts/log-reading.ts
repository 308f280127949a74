// How a log is read: in slices, from any offset, woken by appends, and told what is gone.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UserLog } from '@throughline/core/log';
import { inTime, signal } from './contract.js';
import { aside, decode, ofRun, readAll, readFrom, type StoredEntry } from './log-entries.js';
import type { LogRule } from './log-seat.js';

export const reading: readonly LogRule[] = [
  {
    name: 'a slice holds whole entries, at most so many bytes, and one at least',
    reason: 'sockets take windows of bytes, and an entry that is cut could never be written on',
    async run({ log, key }) {
      await log.append([10, 5_000, 10, 300, 300, 300, 10].map((length) => aside(key, 'x'.repeat(length))));
      for (const maxBytes of [1, 400, 1_000, 6_000, 65_536]) {
        const offsets: number[] = [];
        for (let at = 0; ; ) {
          const slice = await log.read(at, maxBytes);
          if (slice === undefined) break;
          assert.notEqual(slice, 'below_floor', 'nothing is dropped');
          if (slice === 'below_floor') break;
          const entries = decode(slice.bytes);
          assert.ok(entries.length > 0, 'a slice should hold an entry');
          const fits = slice.bytes.length <= maxBytes || entries.length === 1;
          assert.ok(
            fits,
            `${slice.bytes.length} bytes in ${entries.length} entries came, at most ${maxBytes} were asked for`,
          );
          assert.equal(entries.at(-1)?.offset, slice.last);
          offsets.push(...entries.map(({ offset }) => offset));
          at = slice.last;
        }
        assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6, 7]);
      }
    },
  },
  {
    name: 'reading begins behind any offset, and ends at the head',
    reason: 'a page that comes back reads on where it stood',
    async run({ log, key }) {
      await log.append(Array.from({ length: 30 }, (_, index) => aside(key, index + 1)));
      for (const after of [0, 1, 14, 29]) {
        assert.deepEqual(
          (await readFrom(log, after)).map(({ event }) => event.data),
          numbers(after + 1, 30),
        );
      }
      assert.equal(await log.read(30, 65_536), undefined);
    },
  },
  {
    name: 'a slice that was handed out never changes',
    reason: 'it waits in the buffers of sockets while the log goes on',
    needs: ['bounded'],
    async run({ log, key }) {
      await log.append([aside(key, 'first'), aside(key, 'second')]);
      const slice = await log.read(0, 65_536);
      assert.ok(typeof slice === 'object', 'there should be something to read');
      const copy = Buffer.from(slice.bytes);
      for (let count = 0; count < 300; count += 1) await log.append([aside(key, 'x'.repeat(200))]);
      await log.erase();
      await log.append([aside(key, 'another')]);
      assert.ok(copy.equals(slice.bytes), 'the bytes of the slice have changed');
    },
  },
  {
    name: 'an append wakes each subscriber, and what it has stored can then be read',
    reason: 'readers sleep at the head: who is not woken hears nothing until the next event',
    async run({ log, key, open }) {
      const other = await open();
      const woken = [signal(), signal()];
      const ends = [
        log.subscribe({ wake: () => woken[0]?.raise() }),
        other.subscribe({ wake: () => woken[1]?.raise() }),
      ];
      await log.append([aside(key, 'news')]);
      await inTime(Promise.all(woken.map(({ promise }) => promise)), 'both subscribers to be woken by an append');
      assert.equal((await readFrom(other, 0)).length, 1);
      for (const end of ends) end();
    },
  },
  {
    name: 'when a subscriber is woken, `head` is as far as what was appended',
    reason: 'who stands at the head does not read: with a head that lags, what was stored waits for the next event',
    async run({ log, key, open }) {
      const other = await open();
      for (let offset = 1; offset <= 3; offset += 1) {
        const known = [log, other].map((reader) => wokenAt(reader, offset));
        await log.append([aside(key, offset)]);
        await inTime(Promise.all(known), `a wake at which both have a head of ${offset}`);
      }
    },
  },
  {
    name: 'who has ended a subscription is not woken any more, and others are',
    reason: 'sessions come and go while their user has others',
    async run({ log, key }) {
      let wrongly = 0;
      const end = log.subscribe({
        wake() {
          wrongly += 1;
        },
      });
      end();
      end();
      const woken = signal();
      const endOther = log.subscribe({ wake: woken.raise });
      await log.append([aside(key)]);
      await inTime(woken.promise, 'the other subscriber to be woken');
      await nextTurn();
      assert.equal(wrongly, 0);
      endOther();
    },
  },
  {
    name: 'no wake is lost, whenever it comes: a reader that only sleeps at the head hears everything',
    reason: 'an append while a read is under way must wake again, or its entry waits for the next one',
    async run({ log, key, open }) {
      const reader = await open();
      const heard = follow(reader, 60);
      for (let number = 1; number <= 60; number += 1) {
        await log.append([aside(key, number)]);
        if (number % 7 === 0) await nextTurn();
        if (number % 20 === 0) for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      }
      const entries = await inTime(heard, 'a reader that sleeps between wakes to hear of 60 entries');
      assert.deepEqual(
        entries.map(({ event }) => event.data),
        numbers(1, 60),
      );
    },
  },
  {
    name: 'what is appended from within a wake is stored and wakes again',
    reason: 'whoever hears of an event may answer it at once',
    async run({ log, key }) {
      const twice = signal();
      let wakes = 0;
      const end = log.subscribe({
        wake() {
          wakes += 1;
          if (wakes === 1) void Promise.resolve(log.append([aside(key, 'answer')])).catch(() => {});
          if (wakes >= 2) twice.raise();
        },
      });
      await log.append([aside(key, 'question')]);
      await inTime(twice.promise, 'a second wake');
      end();
      assert.deepEqual(
        (await readAll(log)).map(({ event }) => event.data),
        ['question', 'answer'],
      );
    },
  },
  {
    name: 'what was dropped is below the floor, and the rest can be read from there',
    reason: 'a page that was away too long is told below_floor, instead of being given a log with a hole',
    needs: ['bounded'],
    async run({ log, key }) {
      await overflow(log, () => aside(key, 'x'.repeat(200)));
      const { floor, head } = log;
      assert.ok(floor < head, 'what is newest is held');
      for (const after of [0, floor - 1]) assert.equal(await log.read(after, 65_536), 'below_floor', `read(${after})`);
      assert.deepEqual(
        (await readAll(log)).map(({ offset }) => offset),
        numbers(floor + 1, head),
      );
    },
  },
  {
    name: 'the floor has a mark, and what is below has none',
    reason: 'a page that stands just before the oldest held entry misses nothing and need not begin anew',
    needs: ['bounded'],
    async run({ log, key }) {
      const marks: string[] = [];
      await overflow(
        log,
        () => aside(key, 'x'.repeat(200)),
        (mark) => marks.push(mark),
      );
      assert.equal(await log.markAt(log.floor), marks[log.floor - 1]);
      assert.equal(await log.markAt(log.floor - 1), undefined);
      assert.equal(await log.markAt(0), undefined);
    },
  },
  {
    name: 'an event that was dropped is not stored again',
    reason: 'a late repetition must not tell an old event as a new one',
    needs: ['bounded'],
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1)]);
      await overflow(log, () => aside(key, 'x'.repeat(200)));
      const { head } = log;
      await log.append([ofRun(key, 'r', 1), ofRun(key, 'r', 2)]);
      assert.equal(log.head, head + 1);
    },
  },
  {
    name: 'a log that runs out of room joins neighbours, and nothing of what they say is lost',
    reason: 'an answer of an hour must outlive the room that its pieces would take',
    needs: ['bounded', 'joins'],
    async run({ log, key }) {
      const said = numbers(1, 400).map((seq) => `token ${seq} `);
      for (const [index, text] of said.entries()) {
        await log.append([ofRun(key, 'r', index + 1, { type: 'partial_result', data: { text } })]);
      }
      const entries = await readAll(log);
      assert.ok(entries.length < 400, 'nothing was joined');
      let seq = (entries[0]?.event.first_seq ?? entries[0]?.event.seq) as number;
      const first = seq;
      for (const { event } of entries) {
        assert.equal(event.first_seq ?? event.seq, seq, 'joined events should follow each other without a hole');
        seq = (event.seq as number) + 1;
      }
      const texts = entries.map(({ event }) => (event.data as { text: string }).text);
      assert.equal(texts.join(''), said.slice(first - 1).join(''));
      await expectPieces(log, entries, said);
    },
  },
];

/** Joined events name the length of each piece, stand for each of their offsets, and have a mark at the last alone. */
async function expectPieces(log: UserLog, entries: readonly StoredEntry[], said: readonly string[]): Promise<void> {
  for (const { offset, mark, event } of entries) {
    if (event.first_seq === undefined) continue;
    const parts = said.slice((event.first_seq as number) - 1, event.seq as number);
    assert.deepEqual(
      event.pieces,
      parts.map(({ length }) => length),
    );
    assert.equal(await log.markAt(offset), mark);
    assert.equal(await log.markAt(offset - 1), undefined, 'a position inside of what was joined cannot be honoured');
    const [inside] = await readFrom(log, offset - 1, 1);
    assert.equal(inside?.offset, offset, 'reading from inside gives the entry that joins');
  }
}

/** Resolves with the wake at which the head of a log is that far. It asks the log nothing else. */
function wokenAt(log: UserLog, head: number): Promise<void> {
  const { promise, raise } = signal();
  const end = log.subscribe({ wake: () => log.head >= head && raise() });
  return promise.then(end);
}

/** Follows a log as a session does: reads to the head, then sleeps until it is woken. */
function follow(log: UserLog, count: number): Promise<StoredEntry[]> {
  return new Promise((resolve, reject) => {
    const entries: StoredEntry[] = [];
    let reading = false;
    let again = false;
    const end = log.subscribe({ wake: () => void wake() });
    async function wake(): Promise<void> {
      again = true;
      if (reading) return;
      reading = true;
      try {
        while (again) {
          again = false;
          entries.push(...(await readFrom(log, entries.at(-1)?.offset ?? 0)));
        }
      } catch (error) {
        reject(error as Error);
      }
      reading = false;
      if (entries.length < count) return;
      end();
      resolve(entries);
    }
  });
}

/** Appends until the log has dropped something: an overflow is not expected to take more than this. */
async function overflow(
  log: UserLog,
  next: () => Parameters<UserLog['append']>[0][number],
  onMark: (mark: string) => void = () => {},
): Promise<void> {
  for (let count = 0; count < 2_000 && (log.floor < 3 || count < 150); count += 1) {
    const { mark } = await log.append([next()]);
    onMark(mark);
  }
  assert.ok(log.floor >= 3, `a bounded log should have dropped something of ${log.head} entries`);
}

export function numbers(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
