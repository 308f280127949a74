// How old events are when they arrive, with the server about half busy: see its share of a core beside the figures.
import { everybody, type Scenario } from './scenario.js';
import { measureStream, streamMetrics } from './stream.js';

export const latency: Scenario = {
  name: 'latency',
  title: 'End-to-end latency at about half load',
  counts: 'users',
  sizes: [250, 500, 1_000, 2_000],
  size: 1_000,
  quickSizes: [25, 50, 100, 200],
  metrics: streamMetrics,
  primary: 'ageP99',
  aims: [],
  growth: { title: 'median age', of: (figures) => figures['ageP50'] ?? Number.NaN },
  takesPart: everybody,
  measure: (rig) => measureStream(rig, { users: rig.size, sessionsPerUser: 1, everyMs: 20, burst: 1 }),
};
