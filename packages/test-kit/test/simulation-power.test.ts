// R20: a simulation that cannot fail proves nothing. Stores and agents that break one promise each, and what is said of them.
import { getWebSocketManager, memoryLog, type Scheduler } from '@throughline/core';
import type { EventLog, UserLog } from '@throughline/core/log';
import { expect, test } from 'vitest';
import { isSimulationError, type SimulatedAgent, type SimulationError, simulate } from '../src/simulation/index.js';
import type { SimulationOptions } from '../src/simulation/simulate.js';

const patience = 120_000;

/** A memory log of which some things are otherwise. */
function logWith(change: (log: UserLog) => Partial<UserLog>): (scheduler: Scheduler) => EventLog {
  return (scheduler) => {
    const inner = memoryLog({}, scheduler);
    return {
      close: () => inner.close(),
      async open(key) {
        const log = await inner.open(key);
        const changed = Object.entries(change(log)).map(([name, value]) => [name, { value }]);
        const bound = new Proxy(log, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
        return Object.create(bound, Object.fromEntries(changed)) as UserLog;
      },
    };
  };
}

async function failureOf(options: Partial<SimulationOptions>): Promise<SimulationError> {
  for (let seed = 1; seed <= 20; seed++) {
    try {
      await simulate({ seed, users: 2, minutes: 2, ...options });
    } catch (error) {
      if (isSimulationError(error)) return error;
      throw error;
    }
  }
  throw new Error('Nothing was noticed in 20 seeds.');
}

const forgetful = logWith((log) => ({ claim: () => true, release: () => log.release() }));

test('a store that skips what it should read is a gap', { timeout: patience }, async () => {
  const skipping = logWith((log) => ({
    read: (after, maxBytes) => log.read(after > 0 && after % 7 === 0 && after < log.head ? after + 1 : after, maxBytes),
  }));
  const { failure, seed, message } = await failureOf({ log: skipping });
  expect(['gap', 'fault', 'delivery in bounded time']).toContain(failure.invariant);
  expect(failure.neighbours.length).toBeGreaterThan(5);
  expect(message).toContain(`seed ${seed}: ${failure.invariant}: ${failure.who}: `);
  expect(message).toContain(`simulate({ seed: ${seed}, users: 2, minutes: 2 })`);
  for (const line of failure.neighbours) expect(message).toContain(line);
});

test('the same failure comes again, at the same virtual time', { timeout: patience }, async () => {
  const once = await failureOf({ log: forgetful, actionMs: 2_000 });
  const again = await failureOf({ log: forgetful, actionMs: 2_000 });
  expect(again.failure).toEqual(once.failure);
});

test('a store that forgets which messages it has taken has them handled twice', { timeout: patience }, async () => {
  expect((await failureOf({ log: forgetful, actionMs: 2_000 })).failure.invariant).toBe('message handled twice');
});

test('a store that gives nothing back', { timeout: patience }, async () => {
  const silent = logWith(() => ({ read: () => undefined }));
  expect((await failureOf({ log: silent })).failure.invariant).toBe('delivery in bounded time');
});

test('a store that gives one user the entries of another is stopped, and seen', { timeout: patience }, async () => {
  const logs: UserLog[] = [];
  const crossing = logWith((log) => {
    logs.push(log);
    // Another's, where there is something at that place; else its own.
    const another = (after: number) => logs.find(({ key, head }) => key !== log.key && head > after) ?? log;
    return { read: (after, maxBytes) => another(after).read(after, maxBytes) };
  });
  expect((await failureOf({ log: crossing })).failure.invariant).toBe('foreign event');
});

test('an agent that leaves a timer behind', { timeout: patience }, async () => {
  const leaving: SimulatedAgent = () => void setInterval(() => {}, 1_000);
  const { failure } = await failureOf({ agent: leaving });
  expect(failure.invariant).toBe('left behind');
  expect(failure.what).toContain('timers');
});

test('an agent that never comes back', { timeout: patience }, async () => {
  const hanging: SimulatedAgent = ({ thread_id }, userContext) =>
    getWebSocketManager(userContext).run({ agent_name: 'a', thread_id }, () => new Promise<undefined>(() => {}));
  const { failure } = await failureOf({ agent: hanging, upheavalMs: 100_000_000 });
  expect(failure.invariant).toBe('delivery in bounded time');
});

test('a handler that throws is a fault in telemetry', { timeout: patience }, async () => {
  const throwing: SimulatedAgent = () => {
    throw new Error('broken');
  };
  const { failure } = await failureOf({ agent: throwing });
  expect(failure.invariant).toBe('fault in telemetry');
  expect(failure.what).toContain('handler');
});

test('a service that voids what pages hold, though nobody expects it', { timeout: patience }, async () => {
  const small = (scheduler: Scheduler) => memoryLog({ bytesPerUser: 2_048 }, scheduler);
  expect((await failureOf({ log: small })).failure.invariant).toBe('reset');
});

test('an agent that says nothing is a check of nothing', { timeout: patience }, async () => {
  const { failure, message } = await failureOf({ agent: async () => {} });
  expect(failure.invariant).toBe('nothing to judge');
  expect(message).toContain('No page was told anything');
});
