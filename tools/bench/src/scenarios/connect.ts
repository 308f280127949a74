// People who come in, each with a token of its own that is verified (ES256, a local key): 64 handshakes under way at once.
import { warmupUsers } from '../harness/rig.js';
import { everybody, type Scenario } from './scenario.js';

const concurrency = 64;

export const connect: Scenario = {
  name: 'connect',
  title: 'Connecting, with JWT verification',
  counts: 'connections',
  sizes: [2_000, 4_000, 8_000, 16_000],
  size: 8_000,
  quickSizes: [100, 200, 400, 800],
  metrics: {
    cpu: { title: 'CPU per connection', unit: 'µs', digits: 0 },
    rate: { title: 'connections', unit: '1/s', digits: 0, moreIsBetter: true },
    delayP99: { title: 'event-loop delay, p99', unit: 'ms', digits: 2 },
    generator: { title: 'CPU of the generator', unit: 'cores', digits: 2 },
  },
  primary: 'cpu',
  aims: [],
  growth: { title: 'CPU of all', of: (figures, size) => (figures['cpu'] ?? Number.NaN) * size },
  verified: true,
  takesPart: everybody,
  async measure({ server, generator, size }) {
    await generator.connect({ from: size, to: size + warmupUsers, concurrency });
    await server.beginWindow();
    await generator.beginWindow();
    const ms = await generator.connect({ from: 0, to: size, concurrency });
    const { cpuShare: generatorShare } = await generator.endWindow();
    const { cpuMicros, delayP99 } = await server.endWindow();
    await generator.arrived([{ from: 0, to: size + warmupUsers, events: 0 }]);
    return { cpu: cpuMicros / size, rate: (size / ms) * 1_000, delayP99, generator: generatorShare };
  },
};
