import { expect, test } from 'vitest';
import type { EventLog, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { Registry } from '../src/registry.js';
import type { Scheduler } from '../src/scheduler.js';
import { type User, userOf } from '../src/user.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { collectGarbage } from './collect-garbage.js';
import { fakeScheduler } from './fake-scheduler.js';
import { startService, turn } from './running-service.js';
import { makeRuntime } from './runtime.js';

/** A log that counts its holders. */
function countedLog(scheduler: Scheduler) {
  const memory = memoryLog({}, scheduler);
  let held = 0;
  const counted = new WeakSet<UserLog>();
  const log: EventLog = {
    open: async (key) => {
      const opened = await memory.open(key);
      held += 1;
      // All who open it are given one object.
      if (counted.has(opened)) return opened;
      counted.add(opened);
      const { release } = opened;
      return Object.assign(opened, {
        release: () => {
          held -= 1;
          release.call(opened);
        },
      });
    },
    close: () => memory.close(),
  };
  return { log, held: () => held };
}

function makeRegistry() {
  const scheduler = fakeScheduler();
  const { log, held } = countedLog(scheduler);
  return { registry: new Registry(makeRuntime(scheduler, log)), held };
}

test('a user is one record, as long as anybody needs it', () => {
  const { registry } = makeRegistry();
  const ada = registry.open({ tenant_id: 'default', user_id: 'ada' });
  expect(registry.open({ tenant_id: 'default', user_id: 'ada' })).toBe(ada);
  expect([...{ [Symbol.iterator]: () => registry[Symbol.iterator]() }]).toEqual([ada]);
});

test('S9: users of two tenants are two, however their ids are put together', () => {
  const { registry } = makeRegistry();
  const keys = [
    ['a', 'b'],
    ['b', 'a'],
    ['a","b', ''],
    ['', 'a","b'],
  ] as const;
  const users = keys.map(([tenant_id, user_id]) => registry.open({ tenant_id, user_id }));
  expect(new Set(users).size).toBe(keys.length);
});

test('R10: a record that nobody needs is forgotten, and its log is given back', async () => {
  const { registry, held } = makeRegistry();
  const key = { tenant_id: 'default', user_id: 'ada' };
  // In a frame of its own, so that nothing of it stays on the stack.
  await (async () => {
    await registry.open(key).open();
  })();
  expect(held()).toBe(1);
  await expect
    .poll(async () => {
      collectGarbage();
      await turn();
      return held();
    })
    .toBe(0);
  expect([...{ [Symbol.iterator]: () => registry[Symbol.iterator]() }]).toEqual([]);
});

test('R10: a user who comes back before a forgotten record is cleared away stays one record', async () => {
  const { registry, held } = makeRegistry();
  const key = { tenant_id: 'default', user_id: 'ada' };
  await (async () => {
    await registry.open(key).open();
  })();
  let back: User | undefined;
  // The record is forgotten at once, its log is given back a turn later: until then two are held.
  await expect
    .poll(async () => {
      back = undefined;
      await turn();
      collectGarbage();
      back = registry.open(key);
      await back.open();
      return held();
    })
    .toBe(2);
  await expect
    .poll(async () => {
      await turn();
      return held();
    })
    .toBe(1);
  expect(registry.open(key)).toBe(back);
});

test('a context that is kept keeps its record: a revocation cannot miss it', async () => {
  const { registry } = makeRegistry();
  const key = { tenant_id: 'default', user_id: 'ada' };
  const userContext = registry.open(key).mint(key);
  for (let times = 0; times < 5; times++) {
    collectGarbage();
    await turn();
  }
  registry.open(key).revoke();
  expect(() => userOf(userContext)).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
});

/** A ticket of ada, whose record nobody holds any more. */
async function forgottenTicket() {
  const scheduler = fakeScheduler();
  const { log, held } = countedLog(scheduler);
  const { service, connect } = await startService({ log, scheduler });
  const { ticket } = await (async () => {
    const userContext = await service.authenticate({ token: 'ada' });
    await getWebSocketManager(userContext).position();
    return service.issueTicket(userContext);
  })();
  expect(held()).toBe(1);
  await expect
    .poll(async () => {
      collectGarbage();
      await turn();
      return held();
    })
    .toBe(0);
  return { service, connect, ticket };
}

test('R10: a ticket that nobody fetches keeps no record, and is worth its use all the same', async () => {
  const { connect, ticket } = await forgottenTicket();
  const client = await connect(undefined, { query: { ticket } });
  expect(await client.next()).toMatchObject({ type: 'welcome', user_id: 'ada' });
});

test('S9: a ticket of a user who was signed out opens nothing, though nobody held the record any more', async () => {
  const { service, connect, ticket } = await forgottenTicket();
  service.revoke({ user_id: 'ada' });
  const client = await connect(undefined, { query: { ticket } });
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(client.frames).toEqual([]);
});
