// Agents that say much at once: 20 events in one turn, at the rate of the steady stream.
import { everybody, type Scenario } from './scenario.js';
import { measureStream, streamMetrics } from './stream.js';

export const bursts: Scenario = {
  name: 'bursts',
  title: 'Bursts: 20 events in one turn, every 400 ms',
  counts: 'users',
  sizes: [250, 500, 1_000, 2_000],
  size: 500,
  quickSizes: [25, 50, 100, 200],
  metrics: streamMetrics,
  primary: 'cpu',
  aims: [
    { metric: 'cpu', against: 'ws', atMost: 0.33 },
    { metric: 'cpu', against: 'socket.io', atMost: 0.2 },
  ],
  growth: { title: 'CPU of a second', of: (figures, size) => (figures['cpu'] ?? Number.NaN) * size },
  takesPart: everybody,
  measure: (rig) => measureStream(rig, { users: rig.size, sessionsPerUser: 1, everyMs: 20, burst: 20 }),
};
