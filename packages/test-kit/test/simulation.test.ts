// The service and the client, on virtual time: what must hold whatever the seed, and that it would be seen if it did not.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getWebSocketManager } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { scenarioOf } from '../scripts/scenarios.js';
import { type SimulatedAgent, type SimulationOptions, simulate } from '../src/simulation/index.js';

/** Simulations take the place of the global clock: one at a time, and longer than other tests where the machine is busy. */
const patience = 120_000;

describe('S8, R12, R20: nothing is lost, doubled, reordered or crossed, whatever the seed', () => {
  test.each([1, 101, 201, 301, 401])(
    '100 seeds from %i: storms of cuts, slow readers, reloads, drains, crashes, slow and failing stores',
    async (first) => {
      let events = 0;
      for (let seed = first; seed < first + 100; seed++) {
        events += (await simulate(scenarioOf(seed, { minutes: 0.5 }))).events;
      }
      expect(events).toBeGreaterThan(1_000);
    },
    patience,
  );
});

describe('a simulation is repeatable', () => {
  const options: SimulationOptions = { seed: 77, users: 3, minutes: 2 };

  test('the same seed gives the same digest', { timeout: patience }, async () => {
    const once = await simulate(options);
    expect(await simulate(options)).toEqual(once);
    expect(once.events).toBeGreaterThan(50);
    expect(once.virtualMs).toBeGreaterThan(120_000);
    expect((await simulate({ ...options, seed: 78 })).digest).not.toBe(once.digest);
  });

  test('also in another process', { timeout: patience }, async () => {
    const script = fileURLToPath(new URL('../scripts/simulate.ts', import.meta.url));
    const loader = ['--import', 'tsx', '--conditions=@throughline/source'];
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...loader,
      script,
      '--seed',
      '5',
      '--minutes',
      '0.5',
    ]);
    const elsewhere: unknown = JSON.parse(stdout.split('\n')[0] as string);
    expect(elsewhere).toEqual(await simulate(scenarioOf(5, { minutes: 0.5 })));
  });
});

describe('the code under simulation lives in virtual time', () => {
  test('timers, clock and chance of the global object, which is as before afterwards', {
    timeout: patience,
  }, async () => {
    const globals = () => [setTimeout, Date, performance.now, Math.random, crypto.getRandomValues];
    const before = globals();
    const seen: unknown[] = [];
    const agent: SimulatedAgent = async ({ id, thread_id }, userContext, { sleep }) => {
      const from = Date.now();
      await new Promise((resolve) => void setTimeout(resolve, 3_000));
      await sleep(2_000);
      if (seen.length < 20) seen.push(id, Date.now() - from, Math.random(), new Date().getFullYear());
      await getWebSocketManager(userContext).run({ agent_name: 'a', thread_id, message_id: id }, () => {});
    };
    const calm = { seed: 1, users: 1, minutes: 2, agent, actionMs: 2_000, upheavalMs: 100_000_000 };
    await simulate(calm);
    expect([...seen]).toContain(5_000);
    expect([...seen]).toContain(2026);
    const first = seen.splice(0);
    await simulate(calm);
    expect(seen).toEqual(first);
    expect(globals()).toEqual(before);
  });

  test('one at a time in a process', { timeout: patience }, async () => {
    const first = simulate({ seed: 1, users: 1, minutes: 0.1 });
    await expect(simulate({ seed: 2 })).rejects.toThrow('Another simulation runs in this process');
    expect((await first).seed).toBe(1);
  });

  test.each([
    [{ seed: -1 }, 'Option seed of a simulation must be a whole number from 0'],
    [{ seed: 1.5 }, 'Option seed'],
    [{ seed: 1, users: 0 }, 'Option users'],
    [{ seed: 1, minutes: Number.NaN }, 'Option minutes'],
    [{ seed: 1, storeMs: -1 }, 'Option storeMs'],
    [{ seed: 1, storeFails: 1 }, 'Option storeFails'],
    [{ seed: 1, actionMs: 0 }, 'Option actionMs'],
    [{ seed: 1, upheavalMs: 0 }, 'Option upheavalMs'],
  ])('%o is refused', async (options, message) => {
    await expect(simulate(options)).rejects.toThrow(message);
    await expect(simulate(options)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
