// Whose a log is: users and tenants apart, whatever their ids hold, and nothing of one in the log of another.
import assert from 'node:assert/strict';
import { isThroughlineError } from '@throughline/core';
import { aside, readAll } from './log-entries.js';
import type { LogRule } from './log-seat.js';

export const owning: readonly LogRule[] = [
  {
    name: 'users and tenants have logs of their own, whatever their ids hold',
    reason: 'ids may hold what a store would part its keys by: two users must never have one name in it',
    async run({ log, key, keyOf, open }) {
      await log.append([aside(key, 'a secret')]);
      const { user_id, tenant_id } = key;
      const parts = [':', '/', '|', ',', '.', '_', '{', '}', '"', '","', '%', '*'];
      const twins = parts.flatMap((part) => [
        [keyOf(`b${part}c`, 'a'), { user_id: keyOf('c').user_id, tenant_id: `a${part}b` }],
      ]);
      const others = [
        keyOf('bob'),
        keyOf('ada', 'acme'),
        { user_id, tenant_id: 'Default' },
        { user_id: `${user_id}:`, tenant_id },
      ];
      for (const other of others) await expectEmpty(await open(other), log.epoch);
      for (const [one, twin] of twins) {
        const first = await open(one);
        await first.append([aside(first.key, 'a secret')]);
        await expectEmpty(await open(twin), first.epoch);
      }
    },
  },
  {
    name: 'what is for somebody else is refused with LEAK_STOPPED, and nothing of its batch is stored',
    reason: 'the last line of defence: a log is handed to one user alone',
    async run({ log, key, keyOf }) {
      const foreign = [keyOf('bob'), keyOf('ada', 'acme'), { ...key, user_id: key.user_id.toUpperCase() }];
      for (const other of foreign) {
        const refused = (async () => log.append([aside(key), aside(other, 'a secret')]))();
        await assert.rejects(refused, (error) => isThroughlineError(error, 'LEAK_STOPPED'));
      }
      assert.equal(log.head, 0);
      assert.deepEqual(await readAll(log), []);
    },
  },
  {
    name: 'users who write at once have what they wrote, and nothing else',
    reason: 'a store has one connection, one buffer and one script for all of them',
    async run({ keyOf, open }) {
      const logs = await Promise.all(Array.from({ length: 12 }, (_, index) => open(keyOf(`user-${index}`))));
      await Promise.all(
        logs.map(async (log) => {
          for (let count = 0; count < 8; count += 1) await log.append([aside(log.key, log.key.user_id)]);
        }),
      );
      for (const log of logs) {
        const said = (await readAll(log)).map(({ event }) => [event.user_id, event.data]);
        assert.deepEqual(
          said,
          Array.from({ length: 8 }, () => [log.key.user_id, log.key.user_id]),
        );
      }
    },
  },
];

async function expectEmpty(log: Parameters<typeof readAll>[0], epoch: string): Promise<void> {
  assert.notEqual(log.epoch, epoch, 'two users share one epoch');
  assert.equal(log.head, 0, `the log of ${log.key.tenant_id}, ${log.key.user_id} should be empty`);
  assert.deepEqual(await readAll(log), []);
}
