// The scenarios by which we test ourselves: small ones, each another by its seed, so that many seeds see many corners.
import { memoryLog, type Scheduler } from '@throughline/core';
import type { EventLog } from '@throughline/core/log';
import { createRandom } from '../src/simulation/random.js';
import type { SimulationOptions } from '../src/simulation/simulate.js';

/** What of it somebody may want otherwise. */
export type ScenarioSize = Partial<Pick<SimulationOptions, 'users' | 'minutes'>>;

/**
 * The scenario of a seed: the same for the same seed and size.
 *
 * Of four, one has a log that takes its time, one a log that also fails, one a log so small that readers fall out of it, and
 * one is as a service is by default; windows, buffers, heartbeats and what becomes of slow readers differ as well.
 */
export function scenarioOf(seed: number, { users, minutes = 1 }: ScenarioSize = {}): SimulationOptions {
  const random = createRandom(seed).fork();
  const store = random.int(0, 3);
  const slowReaders = random.pick(['wait', 'wait', 'reset', 'close'] as const);
  const isSmall = store === 2;
  return {
    seed,
    users: users ?? random.int(1, 3),
    minutes,
    actionMs: random.pick([2_000, 5_000, 10_000]),
    upheavalMs: random.pick([20_000, 60_000]),
    storeMs: store < 2 ? random.pick([5, 100]) : 0,
    storeFails: store === 1 ? 0.01 : 0,
    durable: random.chance(0.3),
    resets: isSmall ? ['below_floor', 'lagged'] : slowReaders === 'reset' ? ['lagged'] : [],
    ...(isSmall && { log: smallLog }),
    service: {
      slowReaders,
      slowReaderMs: random.pick([2_000, 60_000]),
      ackWindowBytes: random.pick([32_768, 131_072]),
      socketBufferBytes: random.pick([1_024, 65_536]),
      heartbeatMs: random.pick([5_000, 25_000]),
      expiryGraceMs: random.pick([2_000, 10_000]),
    },
  };
}

function smallLog(scheduler: Scheduler): EventLog {
  return memoryLog({ bytesPerUser: 16_384 }, scheduler);
}
