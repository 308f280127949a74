// What is appended: where it goes, that it goes there once, and what it says when it comes out.
import assert from 'node:assert/strict';
import type { NewEntry } from '@throughline/core/log';
import { aside, endOf, ofRun, readAll } from './log-entries.js';
import type { LogRule } from './log-seat.js';

export const appending: readonly LogRule[] = [
  {
    name: 'a new log is empty and has a name',
    reason: 'a position is epoch.offset.mark: without these nobody could resume',
    async run({ log }) {
      assert.deepEqual({ head: log.head, floor: log.floor }, { head: 0, floor: 0 });
      assert.match(log.epoch, /^[\w-]{1,32}$/);
      assert.equal(await log.markAt(0), '00000000');
      assert.equal(await log.read(0, 65_536), undefined);
    },
  },
  {
    name: 'offsets are dense from 1, in the order of appending',
    reason: 'a client takes a jump for a loss',
    async run({ log, key }) {
      await log.append([aside(key, 'a'), aside(key, 'b')]);
      await log.append([aside(key, 'c')]);
      const read = (await readAll(log)).map(({ offset, event }) => [offset, event.data]);
      assert.deepEqual(read, [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
      assert.equal(log.head, 3);
    },
  },
  {
    name: 'append returns the place of the last entry of the batch',
    reason: 'it is the verdict of every send, and what a snapshot resumes from',
    async run({ log, key }) {
      const place = await log.append([aside(key), aside(key)]);
      assert.deepEqual(place, { offset: 2, mark: await log.markAt(2) });
    },
  },
  {
    name: 'marks are eight hexadecimal digits, in the entry and at its offset, and no two are equal',
    reason: 'a log that was rolled back is told from what it was by its marks alone',
    async run({ log, key }) {
      for (let batch = 0; batch < 20; batch += 1) await log.append(Array.from({ length: 10 }, () => aside(key)));
      const entries = await readAll(log);
      for (const { offset, mark } of entries) {
        assert.match(mark, /^[0-9a-f]{8}$/);
        assert.equal(await log.markAt(offset), mark);
      }
      assert.equal(new Set(entries.map(({ mark }) => mark)).size, 200);
    },
  },
  {
    name: 'no mark stands where no entry is',
    reason: 'a position beyond the head must be refused as beyond_head',
    async run({ log, key }) {
      await log.append([aside(key)]);
      for (const offset of [-1, 2, 999]) assert.equal(await log.markAt(offset), undefined, `offset ${offset}`);
    },
  },
  {
    name: 'an event of a run is stored once, and its first place is returned',
    reason: 'an append whose outcome was unknown is repeated: its event must not be told twice',
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1), ofRun(key, 's', 1), ofRun(key, 'r', 2)]);
      for (const [run_id, seq, offset] of [
        ['r', 1, 1],
        ['s', 1, 2],
        ['r', 2, 3],
      ] as const) {
        const place = await log.append([ofRun(key, run_id, seq, { data: 'again' })]);
        assert.deepEqual(place, { offset, mark: await log.markAt(offset) });
      }
      assert.equal(log.head, 3);
      assert.equal((await readAll(log)).length, 3);
    },
  },
  {
    name: 'an event that stands twice in one batch is stored once',
    reason: 'idempotency is by (run_id, seq), not by call',
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1), ofRun(key, 'r', 1), ofRun(key, 'r', 2)]);
      assert.deepEqual(
        (await readAll(log)).map(({ event }) => event.seq),
        [1, 2],
      );
    },
  },
  {
    name: 'of a batch that is stored in part, what is new is stored',
    reason: 'a batch repeated after a doubt may have grown meanwhile',
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1), ofRun(key, 'r', 2)]);
      const { offset } = await log.append([ofRun(key, 'r', 2), ofRun(key, 'r', 3), endOf(key, 'r', 4)]);
      assert.equal(offset, 4);
      assert.deepEqual(
        (await readAll(log)).map(({ event }) => event.seq),
        [1, 2, 3, 4],
      );
    },
  },
  {
    name: 'the same number in two runs, and events outside of runs, are never taken for each other',
    reason: 'only (run_id, seq) together name an event, and what has neither has no name',
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1), ofRun(key, 'r2', 1), ofRun(key, 'r', 21), ofRun(key, 'r2', 2)]);
      await log.append([aside(key, 'same'), aside(key, 'same')]);
      assert.equal(log.head, 6);
    },
  },
  {
    name: 'the bytes that enter are the bytes that leave',
    reason: 'core serialises once: what a log adds is offset and mark, at the front, and nothing else',
    async run({ log, key }) {
      const texts = [
        '',
        '"',
        '\\"',
        '{"offset":1,"mark":"00000000"',
        '","type":"partial_result"',
        '\n\r\t\0\u2028',
        '½ä中🧿e\u0301',
        '\ud83d',
      ];
      const entries = texts.flatMap((data, index) => [aside(key, data), ofRun(key, `r"\\${index}`, 1, { data })]);
      await log.append(entries);
      await expectAsGiven(await readAll(log), entries);
    },
  },
  {
    name: 'entries of every length leave as they entered',
    reason: 'frames write their length in three ways: the borders are at 126 and 65,536 bytes',
    async run({ log, key }) {
      const lengths = [...Array.from({ length: 60 }, (_, index) => index), ...[65_300, 65_400, 65_450, 65_536, 65_600]];
      const entries = lengths.map((length) => aside(key, 'x'.repeat(length)));
      for (const entry of entries) await log.append([entry]);
      await expectAsGiven(await readAll(log), entries);
    },
  },
  {
    name: 'huge entries are stored whole, between small ones',
    reason: 'a tool may return 256 KiB, and options allow more',
    async run({ log, key }) {
      const entries = [aside(key, 'a'), aside(key, '中🧿'.repeat(50_000)), aside(key, 'b')];
      await log.append(entries);
      await expectAsGiven(await readAll(log), entries);
    },
  },
  {
    name: 'writers that do not wait for each other lose nothing and keep their own order',
    reason: 'runs of one user speak at the same time',
    async run({ log, key, open }) {
      const other = await open();
      const runs = Array.from({ length: 8 }, (_, index) => `run-${index}`);
      await Promise.all(
        runs.map(async (run_id, index) => {
          for (let seq = 1; seq <= 10; seq += 1)
            await (index % 2 === 0 ? log : other).append([ofRun(key, run_id, seq)]);
        }),
      );
      const entries = await readAll(log);
      assert.deepEqual(
        entries.map(({ offset }) => offset),
        Array.from({ length: 80 }, (_, index) => index + 1),
      );
      for (const run_id of runs) {
        const seqs = entries.flatMap(({ event }) => (event.run_id === run_id ? [event.seq] : []));
        assert.deepEqual(seqs, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }
    },
  },
  {
    name: 'one event appended by many at once is stored once, and all hear of the same place',
    reason: 'two processes may each believe that the other has failed',
    async run({ log, key, open }) {
      const other = await open();
      await log.append([ofRun(key, 'r', 1)]);
      const again = Array.from({ length: 6 }, async (_, index) =>
        (index % 2 === 0 ? log : other).append([ofRun(key, 'r', 2)]),
      );
      const places = await Promise.all(again);
      for (const place of places) assert.deepEqual(place, { offset: 2, mark: await log.markAt(2) });
      assert.equal((await readAll(log)).length, 2);
    },
  },
];

/** Whether a log gave back exactly what it was given. */
async function expectAsGiven(read: Awaited<ReturnType<typeof readAll>>, given: readonly NewEntry[]): Promise<void> {
  assert.equal(read.length, given.length);
  for (const [index, { offset, mark, text }] of read.entries()) {
    const expected = `{"offset":${offset},"mark":"${mark}",${given[index]?.body}`;
    assert.ok(text === expected, `entry ${offset} should leave as it entered (${text.length} characters came)`);
  }
}
