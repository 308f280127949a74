// The generator itself: a bare socket sends as much as it can, one event a write, and the generator must keep up.
import type { Scenario } from './scenario.js';

const events = 2_000;
const bytes = 12;

export const headroom: Scenario = {
  name: 'headroom',
  title: 'The load generator against a bare socket that sends all it can',
  counts: 'users',
  sizes: [50, 100, 200, 400],
  size: 200,
  quickSizes: [10, 20, 40, 80],
  metrics: {
    generatorPerEvent: { title: 'CPU of the generator per event', unit: 'µs', digits: 2 },
    capacity: { title: 'events that a core of it takes', unit: '1/s', digits: 0, moreIsBetter: true },
    rate: { title: 'events that came', unit: '1/s', digits: 0, moreIsBetter: true },
    generator: { title: 'CPU of the generator', unit: 'cores', digits: 2 },
    share: { title: 'CPU of the server', unit: 'cores', digits: 2 },
  },
  primary: 'generatorPerEvent',
  aims: [],
  growth: { title: 'CPU of all', of: (figures, size) => (figures['generatorPerEvent'] ?? Number.NaN) * size },
  takesPart: (peer) => peer.name === 'floor',
  async measure({ server, generator, size }) {
    await generator.connect({ from: 0, to: size });
    await server.prepare(0, size);
    await server.flood(0, size, 200, bytes);
    await generator.arrived([{ from: 0, to: size, events: 200 }]);
    await server.beginWindow();
    await generator.beginWindow();
    await server.flood(0, size, events, bytes);
    await generator.arrived([{ from: 0, to: size, events: 200 + events }]);
    const { cpuMicros, cpuShare: generatorShare, seconds } = await generator.endWindow();
    const { cpuShare } = await server.endWindow();
    const perEvent = cpuMicros / size / events;
    return {
      generatorPerEvent: perEvent,
      capacity: 1_000_000 / perEvent,
      rate: (size * events) / seconds,
      generator: generatorShare,
      share: cpuShare,
    };
  },
};
