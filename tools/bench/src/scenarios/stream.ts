// What the scenarios with a steady rate share: connect, warm up, measure, check that everything came.
import type { Rig } from '../harness/rig.js';
import { type Figures, type Metric, mebibyte } from './scenario.js';

/** Who is sent what. */
export interface StreamShape {
  readonly users: number;
  readonly sessionsPerUser: number;
  readonly everyMs: number;
  readonly burst: number;
}

export const streamMetrics = {
  cpu: { title: 'CPU per delivered event', unit: 'µs', digits: 2 },
  kept: { title: 'rate kept up', unit: '', digits: 3, moreIsBetter: true },
  share: { title: 'CPU of the server', unit: 'cores', digits: 2 },
  ageP50: { title: 'age on arrival, p50', unit: 'ms', digits: 2 },
  ageP99: { title: 'age on arrival, p99', unit: 'ms', digits: 2 },
  delayP99: { title: 'event-loop delay, p99', unit: 'ms', digits: 2 },
  rss: { title: 'RSS after GC', unit: 'MiB', digits: 0 },
  heap: { title: 'heap after GC', unit: 'MiB', digits: 1 },
  generator: { title: 'CPU of the generator', unit: 'cores', digits: 2 },
} satisfies Readonly<Record<string, Metric>>;

/** Measures a stream. */
export async function measureStream(
  { server, generator, seconds, warmupSeconds }: Rig,
  shape: StreamShape,
): Promise<Figures> {
  const { users, sessionsPerUser, everyMs, burst } = shape;
  await generator.connect({ from: 0, to: users, sessionsPerUser });
  await server.prepare(0, users);
  const stream = { from: 0, to: users, everyMs, burst };
  const warm = await server.stream({ ...stream, seconds: warmupSeconds });
  await generator.arrived([{ from: 0, to: users, events: warm.perUser }]);
  await generator.beginWindow();
  const produced = await server.stream({ ...stream, seconds });
  const { cpuShare: generatorShare, ages } = await generator.endWindow();
  await generator.arrived([{ from: 0, to: users, events: produced.perUser }]);
  const { rss, heap } = await server.memory();
  const delivered = (produced.perUser - warm.perUser) * users * sessionsPerUser;
  return {
    cpu: produced.cpuMicros / delivered,
    kept: produced.kept,
    share: produced.cpuShare,
    ageP50: ages.p50,
    ageP99: ages.p99,
    delayP99: produced.delayP99,
    rss: rss / mebibyte,
    heap: heap / mebibyte,
    generator: generatorShare,
  };
}
