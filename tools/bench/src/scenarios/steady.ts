// Answers that grow token by token: one event per user every 20 ms.
import { everybody, type Scenario } from './scenario.js';
import { measureStream, streamMetrics } from './stream.js';

export const steady: Scenario = {
  name: 'steady',
  title: 'Steady stream: one event per user per 20 ms',
  counts: 'users',
  sizes: [250, 500, 1_000, 2_000],
  size: 500,
  quickSizes: [25, 50, 100, 200],
  metrics: streamMetrics,
  primary: 'cpu',
  aims: [
    { metric: 'cpu', against: 'ws', atMost: 1 },
    { metric: 'cpu', against: 'socket.io', atMost: 0.8 },
  ],
  growth: { title: 'CPU of a second', of: (figures, size) => (figures['cpu'] ?? Number.NaN) * size },
  takesPart: everybody,
  measure: (rig) => measureStream(rig, { users: rig.size, sessionsPerUser: 1, everyMs: 20, burst: 1 }),
};
