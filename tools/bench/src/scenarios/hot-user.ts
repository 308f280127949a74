// One user to whom very much is said, among 200 to whom little is: what the neighbours notice of it.
import { median } from '../report/statistics.js';
import { everybody, type Scenario } from './scenario.js';

const neighbours = 200;
const everyMs = 100;
/** Quiet and loud by turns, so that what else the machine does is in both. */
const turns = 4;

export const hotUser: Scenario = {
  name: 'hot-user',
  title: `A hot user: p99 of 200 neighbours (an event per ${everyMs} ms), with and without`,
  counts: 'events/s to the hot user',
  sizes: [1_000, 2_000, 5_000, 10_000],
  size: 5_000,
  quickSizes: [1_000, 2_000, 3_000, 4_000],
  metrics: {
    more: { title: 'p99 with, to p99 without', unit: '×', digits: 2 },
    quiet: { title: 'p99 without', unit: 'ms', digits: 2 },
    loud: { title: 'p99 with', unit: 'ms', digits: 2 },
    kept: { title: 'rate kept up', unit: '', digits: 3, moreIsBetter: true },
  },
  primary: 'more',
  aims: [{ metric: 'more', atMost: 1.1 }],
  growth: { title: 'p99 of the neighbours', of: (figures) => figures['loud'] ?? Number.NaN },
  takesPart: everybody,
  async measure({ server, generator, size, seconds, warmupSeconds }) {
    const hot = { from: neighbours, to: neighbours + 1, everyMs: 1_000 / size, burst: size / 1_000 };
    const others = { from: 0, to: neighbours, everyMs, burst: 1 };
    await generator.connect({ from: 0, to: neighbours });
    await generator.connect({ from: neighbours, to: neighbours + 1, watched: false });
    await server.prepare(0, neighbours + 1);
    await server.stream({ ...others, seconds: warmupSeconds });
    const quiet: number[] = [];
    const loud: number[] = [];
    let kept = 1;
    await server.stream({ ...hot, seconds: warmupSeconds });
    for (let turn = 0; turn < turns * 2; turn++) {
      const isLoud = turn % 2 === 1;
      await generator.beginWindow();
      const both = [server.stream({ ...others, seconds: seconds / turns / 2 })];
      if (isLoud) both.push(server.stream({ ...hot, seconds: seconds / turns / 2 }));
      for (const produced of await Promise.all(both)) kept = Math.min(kept, produced.kept);
      const { ages } = await generator.endWindow();
      (isLoud ? loud : quiet).push(ages.p99);
    }
    await generator.arrived([
      { from: 0, to: neighbours, events: await server.said(0) },
      { from: neighbours, to: neighbours + 1, events: await server.said(neighbours) },
    ]);
    return { more: median(loud) / median(quiet), quiet: median(quiet), loud: median(loud), kept };
  },
};
