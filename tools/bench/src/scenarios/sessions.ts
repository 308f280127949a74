// One person with many pages open. Ten such people, so that there is enough to measure.
import { everybody, type Scenario } from './scenario.js';
import { measureStream, streamMetrics } from './stream.js';

const users = 10;

export const sessions: Scenario = {
  name: 'sessions',
  title: 'One user with many sessions: an event per 20 ms to all of them (10 such users)',
  counts: 'sessions per user',
  sizes: [12, 25, 50, 100],
  size: 50,
  quickSizes: [4, 8, 16, 32],
  metrics: streamMetrics,
  primary: 'cpu',
  aims: [{ metric: 'cpu', against: 'ws', atMost: 0.85 }],
  growth: { title: 'CPU of an event to all', of: (figures, size) => (figures['cpu'] ?? Number.NaN) * size },
  takesPart: everybody,
  measure: (rig) => measureStream(rig, { users, sessionsPerUser: rig.size, everyMs: 20, burst: 1 }),
};
