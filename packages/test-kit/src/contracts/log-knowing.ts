// What a log knows beside its entries: which runs are unfinished, what became of an event, which messages were claimed.
import assert from 'node:assert/strict';
import { aside, endOf, ofRun } from './log-entries.js';
import { numbers } from './log-reading.js';
import type { LogRule } from './log-seat.js';

const day = 86_400_000;

export const knowing: readonly LogRule[] = [
  {
    name: 'active is the head while no run is unfinished',
    reason: 'a page without state has nothing to catch up with',
    async run({ log, key }) {
      assert.equal(await log.active(), 0);
      await log.append([aside(key), ofRun(key, 'r', 1), endOf(key, 'r', 2)]);
      assert.equal(await log.active(), 3);
    },
  },
  {
    name: 'active is before the oldest unfinished run, whatever ends meanwhile',
    reason: 'a reload in mid-answer begins with the answer, and with nothing less',
    async run({ log, key }) {
      await log.append([aside(key), ofRun(key, 'a', 1), ofRun(key, 'b', 1), ofRun(key, 'c', 1)]);
      assert.equal(await log.active(), 1);
      await log.append([endOf(key, 'b', 2)]);
      assert.equal(await log.active(), 1);
      await log.append([endOf(key, 'a', 2)]);
      assert.equal(await log.active(), 3);
      await log.append([endOf(key, 'c', 2)]);
      assert.equal(await log.active(), log.head);
    },
  },
  {
    name: 'active looks at the runs of some threads alone, when it is asked to',
    reason: 'a page that shows one conversation must not wait for another',
    async run({ log, key }) {
      const began = (run_id: string, thread_id: string) => ofRun(key, run_id, 1, { thread_id });
      await log.append([aside(key), began('r', 'a'), began('s', 'b'), began('u', 'b'), began('v', 'c')]);
      await log.append([endOf(key, 's', 2, 'b'), endOf(key, 'v', 2, 'c')]);
      const wanted: readonly [readonly string[], number][] = [
        [['a', 'b'], 1],
        [['b', 'c'], 3],
        [['c'], log.head],
        [[], log.head],
      ];
      for (const [threads, offset] of wanted) {
        assert.equal(await log.active(new Set(threads)), offset, `threads ${threads.join(', ') || '(none)'}`);
      }
    },
  },
  {
    name: 'active is never below the floor, and a run is unfinished until it ends',
    reason: 'a run whose beginning is gone is still shown, truncated, instead of not at all',
    needs: ['bounded'],
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1)]);
      for (let count = 0; count < 2_000 && log.floor < 2; count += 1) await log.append([aside(key, 'x'.repeat(200))]);
      assert.ok(log.floor >= 2, 'a bounded log should have dropped something');
      assert.equal(await log.active(), log.floor);
      await log.append([endOf(key, 'r', 2)]);
      assert.equal(await log.active(), log.head);
    },
  },
  {
    name: 'find says where an event of a run is stored',
    reason: 'an operator asks what became of an event that a user misses',
    async run({ log, key }) {
      await log.append([aside(key), ofRun(key, 'r', 1), ofRun(key, 's', 1), endOf(key, 'r', 2)]);
      for (const [run_id, seq, offset, type] of [
        ['r', 1, 2, 'agent_started'],
        ['r', 2, 4, 'agent_completed'],
        ['s', 1, 3, 'agent_started'],
      ] as const) {
        const place = { offset, mark: await log.markAt(offset), type, thread_id: 't-1' };
        const expected = { state: 'stored', ...place, timestamp: '2026-11-20T09:30:00.000Z' };
        assert.deepEqual({ ...(await log.find(run_id, seq)) }, expected);
      }
    },
  },
  {
    name: 'find knows nothing of what was never stored',
    reason: '"unknown" and "dropped" send an operator to different places',
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1), ofRun(key, 'r', 2)]);
      for (const seq of [3, 0, -1])
        assert.deepEqual({ ...(await log.find('r', seq)) }, { state: 'unknown' }, `seq ${seq}`);
      assert.deepEqual({ ...(await log.find('s', 1)) }, { state: 'unknown' });
    },
  },
  {
    name: 'find says that an event of an unfinished run was dropped',
    reason: '"unknown" and "dropped" send an operator to different places',
    needs: ['bounded'],
    async run({ log, key }) {
      await log.append([ofRun(key, 'r', 1)]);
      for (let count = 0; count < 2_000 && log.floor < 1; count += 1) await log.append([aside(key, 'x'.repeat(200))]);
      assert.deepEqual({ ...(await log.find('r', 1)) }, { state: 'dropped' });
    },
  },
  {
    name: 'a message is claimed once, by whoever comes first',
    reason: 'a message sent again after a reconnect must not be handled again',
    async run({ log, open }) {
      const other = await open();
      assert.equal(await log.claim('m-1'), true);
      assert.equal(await log.claim('m-1'), false);
      assert.equal(await other.claim('m-1'), false);
      assert.equal(await log.claim('m-2'), true);
    },
  },
  {
    name: 'of many that claim one message at once, one has it',
    reason: 'two tabs, or two processes, may offer it in the same moment',
    async run({ log, open }) {
      const other = await open();
      const claims = numbers(1, 10).map(async (turn) => (turn % 2 === 0 ? log : other).claim('m-1'));
      assert.equal((await Promise.all(claims)).filter(Boolean).length, 1);
    },
  },
  {
    name: 'claims are of one user',
    reason: 'clients choose the ids: two users may choose one',
    async run({ log, keyOf, open }) {
      assert.equal(await log.claim('m-1'), true);
      assert.equal(await (await open(keyOf('bob'))).claim('m-1'), true);
      assert.equal(await (await open(keyOf('ada', 'acme'))).claim('m-1'), true);
    },
  },
  {
    name: 'a claim and an entry know nothing of each other',
    reason: 'claiming must not move offsets, and appending must not forget claims',
    async run({ log, key }) {
      await log.claim('m-1');
      assert.equal(log.head, 0);
      await log.append([ofRun(key, 'm-1', 1), aside(key)]);
      assert.equal(await log.claim('m-1'), false);
    },
  },
  {
    name: 'the last 1,000 messages are remembered',
    reason: 'a client keeps at most 100 unsent: no message may outlive the memory of it',
    async run({ log }) {
      for (const number of numbers(1, 1_000)) assert.equal(await log.claim(`m-${number}`), true);
      for (const number of [1, 500, 1_000]) assert.equal(await log.claim(`m-${number}`), false, `m-${number}`);
    },
  },
  {
    name: 'a message is remembered for nearly 24 hours, and not for ever',
    reason: 'a client gives a message up after 12 hours, and ids may come again one day',
    needs: ['elapse'],
    async run({ log }, { elapse }) {
      await log.claim('m-1');
      await elapse?.(day - 1_000);
      assert.equal(await log.claim('m-1'), false);
      await elapse?.(2_000);
      assert.equal(await log.claim('m-1'), true);
    },
  },
];
