// How a log answers: at once or later, to another process, and while its storage fails.
import assert from 'node:assert/strict';
import { inTime, signal } from './contract.js';
import { aside, ofRun, readAll, readFrom } from './log-entries.js';
import { type LogRule, type LogSubject, withSeat } from './log-seat.js';

export const answering: readonly LogRule[] = [
  {
    name: 'every answer is at hand: none is a promise',
    reason: 'a log in memory costs no turn of the loop: a token is on its way when send returns',
    needs: ['atOnce'],
    async run({ store, log, key }) {
      const answers: Readonly<Record<string, unknown>> = {
        open: store.open(key),
        append: log.append([ofRun(key, 'r', 1)]),
        read: log.read(0, 1_000),
        markAt: log.markAt(1),
        active: log.active(),
        find: log.find('r', 1),
        claim: log.claim('m-1'),
        erase: log.erase(),
      };
      for (const [name, answer] of Object.entries(answers))
        assert.ok(!isThenable(answer), `${name} answered with a promise`);
      log.release();
    },
  },
  {
    name: 'an answer that is not at hand is a Promise, and nothing that only looks like one',
    reason: 'core tells the two apart by `instanceof Promise`',
    async run({ store, log, key }) {
      const answers: Readonly<Record<string, unknown>> = {
        open: store.open(key),
        append: log.append([ofRun(key, 'r', 1)]),
        read: log.read(0, 1_000),
        markAt: log.markAt(0),
        active: log.active(),
        find: log.find('r', 1),
        claim: log.claim('m-1'),
      };
      await Promise.all(Object.values(answers));
      for (const [name, answer] of Object.entries(answers)) {
        assert.ok(
          !isThenable(answer) || answer instanceof Promise,
          `${name} answered with a thenable that is no Promise`,
        );
      }
      log.release();
    },
  },
  {
    name: 'what another process appends, claims and erases is seen here',
    reason: 'a user is served by whatever process their tab has reached',
    needs: ['again'],
    async run({ log, key, open }, subject) {
      await withAgain(subject, async (store) => {
        const there = await open(key, store);
        const woken = signal();
        const end = log.subscribe({ wake: () => log.head === 1 && woken.raise() });
        await there.append([ofRun(key, 'r', 1)]);
        await inTime(woken.promise, 'a wake by what another process appended, at which the head is as far');
        end();
        assert.equal(there.epoch, log.epoch);
        assert.equal((await readFrom(log, 0)).length, 1);
        assert.equal((await log.append([ofRun(key, 'r', 1)])).offset, 1);
        assert.equal(await there.claim('m-1'), true);
        assert.equal(await log.claim('m-1'), false);
        const erased = signal();
        const endOther = log.subscribe({ wake: erased.raise });
        await there.erase();
        await inTime(erased.promise, 'a wake by what another process erased');
        endOther();
        assert.equal(log.epoch, there.epoch);
      });
    },
  },
  {
    name: 'storage that fails says so, and what is appended again afterwards is stored once',
    reason: 'a run tries until its end is stored: a failure that looks like a success would lose it',
    needs: ['outage'],
    async run(_, { outage }) {
      const { store, begin, end } = await (outage as NonNullable<LogSubject['outage']>)();
      try {
        await withSeat(store, async ({ log, key }) => {
          await log.append([ofRun(key, 'r', 1)]);
          await begin();
          await assert.rejects(
            (async () => log.append([ofRun(key, 'r', 2)]))(),
            'an append should fail while storage does',
          );
          await end();
          await log.append([ofRun(key, 'r', 2), ofRun(key, 'r', 3)]);
          assert.deepEqual(
            (await readAll(log)).map(({ event }) => event.seq),
            [1, 2, 3],
          );
        });
      } finally {
        await store.close();
      }
    },
  },
  {
    name: 'who could not read is woken when reading works again',
    reason: 'a reader whose read has failed sleeps: without a wake it would sleep until the next event',
    needs: ['outage'],
    async run(_, { outage }) {
      const { store, begin, end } = await (outage as NonNullable<LogSubject['outage']>)();
      try {
        await withSeat(store, async ({ log, key }) => {
          await log.append([aside(key)]);
          await begin();
          await assert.rejects((async () => log.read(0, 65_536))(), 'a read should fail while storage does');
          const woken = signal();
          const endWakes = log.subscribe({ wake: woken.raise });
          await end();
          await inTime(woken.promise, 'a wake when storage works again');
          endWakes();
          assert.equal((await readAll(log)).length, 1);
        });
      } finally {
        await store.close();
      }
    },
  },
];

async function withAgain(subject: LogSubject, work: (store: Awaited<ReturnType<LogSubject['open']>>) => Promise<void>) {
  const store = await (subject.again as NonNullable<LogSubject['again']>)();
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
