// How long a log lives: handles let go, entries kept, and incarnations told from each other.
import assert from 'node:assert/strict';
import { inTime, signal } from './contract.js';
import { aside, ofRun, readAll, readFrom } from './log-entries.js';
import type { LogRule } from './log-seat.js';

export const lives: readonly LogRule[] = [
  {
    name: 'the same user gets the same log',
    reason: 'runs write and sessions read through handles of their own',
    async run({ log, key, open }) {
      const other = await open();
      assert.equal(other.epoch, log.epoch);
      assert.deepEqual({ ...other.key }, { ...key });
      await log.append([aside(key, 'news')]);
      assert.equal((await readFrom(other, 0)).length, 1);
    },
  },
  {
    name: 'entries outlive the handles of those who wrote them',
    reason: 'an answer is there when its user comes back',
    async run({ store, keyOf, open }) {
      const key = keyOf('carol');
      const first = await store.open(key);
      const { epoch } = first;
      await first.append([aside(key, 'kept')]);
      first.release();
      const second = await open(key);
      assert.equal(second.epoch, epoch);
      assert.deepEqual(
        (await readAll(second)).map(({ event }) => event.data),
        ['kept'],
      );
    },
  },
  {
    name: 'a handle that is let go leaves others at work',
    reason: 'one tab closes, another reads on',
    async run({ log, key, store }) {
      const other = await store.open(key);
      const woken = signal();
      const end = log.subscribe({ wake: woken.raise });
      other.release();
      await log.append([aside(key)]);
      await inTime(woken.promise, 'a wake after another handle was released');
      end();
      assert.equal((await readAll(log)).length, 1);
    },
  },
  {
    name: 'erase forgets everything and begins another incarnation',
    reason: 'a user may ask to be forgotten; whoever reads on is told unknown_epoch',
    async run({ log, key, open }) {
      const other = await open();
      await log.append([ofRun(key, 'r', 1), ofRun(key, 'r', 2)]);
      await log.claim('m-1');
      const { epoch } = log;
      await log.erase();
      assert.notEqual(log.epoch, epoch);
      assert.match(log.epoch, /^[\w-]{1,32}$/);
      assert.equal(other.epoch, log.epoch);
      assert.deepEqual(
        { head: log.head, floor: log.floor, active: await log.active() },
        { head: 0, floor: 0, active: 0 },
      );
      assert.equal(await log.read(0, 65_536), undefined);
      assert.deepEqual({ ...(await log.find('r', 1)) }, { state: 'unknown' });
      assert.equal(await log.claim('m-1'), true);
    },
  },
  {
    name: 'erase wakes those who read, and they see the new epoch',
    reason: 'pages show what is to be forgotten: they must hear of it now, not with the next event',
    async run({ log, key }) {
      await log.append([aside(key)]);
      const { epoch } = log;
      const woken = signal();
      let seen = '';
      const end = log.subscribe({
        wake() {
          seen = log.epoch;
          woken.raise();
        },
      });
      await log.erase();
      await inTime(woken.promise, 'a wake after the log was erased');
      end();
      assert.notEqual(seen, epoch);
    },
  },
  {
    name: 'a log that was erased begins at 1 again, and takes the same events as new',
    reason: 'what was forgotten must not be remembered by its numbers',
    async run({ log, key }) {
      await log.append([aside(key), ofRun(key, 'r', 1)]);
      await log.erase();
      assert.equal((await log.append([ofRun(key, 'r', 1)])).offset, 1);
      assert.equal((await readAll(log)).length, 1);
    },
  },
  {
    name: 'erase is of one user',
    reason: 'nobody else asked to be forgotten',
    async run({ log, key, keyOf, open }) {
      const bob = await open(keyOf('bob'));
      await log.append([aside(key)]);
      await bob.append([aside(bob.key)]);
      const { epoch } = bob;
      await log.erase();
      assert.equal(bob.epoch, epoch);
      assert.equal((await readAll(bob)).length, 1);
    },
  },
];
