// People who are there and to whom nothing is said: what a session costs while it waits.
import { everybody, mebibyte, type Scenario } from './scenario.js';

/** So many come before anything is measured: what is loaded and compiled for the first is no session's. */
const first = 100;

export const idle: Scenario = {
  name: 'idle',
  title: 'Idle sessions: memory of each after GC',
  counts: 'sessions',
  // A process may hold 20,000 descriptors where these were measured.
  sizes: [1_000, 3_000, 9_000, 19_000],
  size: 9_000,
  quickSizes: [200, 400, 800, 1_600],
  metrics: {
    rss: { title: 'RSS per session', unit: 'kB', digits: 2 },
    heap: { title: 'heap per session', unit: 'kB', digits: 2 },
    total: { title: 'RSS in all', unit: 'MiB', digits: 0 },
  },
  primary: 'rss',
  aims: [
    { metric: 'rss', against: 'ws', atMost: 1.15 },
    { metric: 'rss', against: 'socket.io', atMost: 0.5 },
    { metric: 'heap', against: 'ws', atMost: 1.15 },
    { metric: 'heap', against: 'socket.io', atMost: 0.5 },
  ],
  growth: { title: 'heap of all sessions', of: (figures, size) => (figures['heap'] ?? Number.NaN) * size },
  takesPart: everybody,
  async measure({ server, generator, size }) {
    await generator.connect({ from: size, to: size + first });
    const before = await server.memory();
    await generator.connect({ from: 0, to: size });
    const after = await server.memory();
    await generator.arrived([{ from: 0, to: size + first, events: 0 }]);
    return {
      rss: (after.rss - before.rss) / size / 1_024,
      heap: (after.heap - before.heap) / size / 1_024,
      total: after.rss / mebibyte,
    };
  },
};
