// What people say: each says something, waits until it is accepted, and says the next, as fast as that goes.
import { everybody, type Scenario } from './scenario.js';

export const inbound: Scenario = {
  name: 'inbound',
  title: 'Messages of clients, each accepted before the next',
  counts: 'users',
  sizes: [25, 50, 100, 200],
  size: 100,
  quickSizes: [4, 8, 16, 32],
  metrics: {
    cpu: { title: 'CPU per message', unit: 'µs', digits: 1 },
    rate: { title: 'messages', unit: '1/s', digits: 0, moreIsBetter: true },
    delayP99: { title: 'event-loop delay, p99', unit: 'ms', digits: 2 },
    generator: { title: 'CPU of the generator', unit: 'cores', digits: 2 },
  },
  primary: 'cpu',
  aims: [],
  growth: { title: 'CPU of one message each', of: (figures, size) => (figures['cpu'] ?? Number.NaN) * size },
  takesPart: everybody,
  async measure({ server, generator, size, seconds, warmupSeconds }) {
    const warm = await generator.talk(0, size, warmupSeconds);
    await server.beginWindow();
    await generator.beginWindow();
    const accepted = await generator.talk(0, size, seconds);
    const { cpuShare: generatorShare } = await generator.endWindow();
    const { cpuMicros, seconds: measured, delayP99 } = await server.endWindow();
    const handled = await server.handled();
    if (handled !== warm + accepted) throw new Error(`${handled} messages were handled of ${warm + accepted}`);
    return { cpu: cpuMicros / accepted, rate: accepted / measured, delayP99, generator: generatorShare };
  },
};
