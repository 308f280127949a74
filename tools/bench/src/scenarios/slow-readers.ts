// Phones in a pocket: 40 readers that stop reading while thousands of events of 1 kB go to each.
//
// What a peer keeps for them is its memory. Afterwards they read on, and each event comes, or the peer says that some do not.
import { everybody, mebibyte, type Scenario } from './scenario.js';

const readers = 40;
const bytes = 1_000;

export const slowReaders: Scenario = {
  name: 'slow-readers',
  title: '40 readers that stand still, events of 1 kB to each',
  counts: 'events to each',
  sizes: [3_000, 6_000, 12_000, 24_000],
  size: 12_000,
  quickSizes: [400, 800, 1_600, 3_200],
  metrics: {
    rss: { title: 'RSS more than before', unit: 'MiB', digits: 1 },
    heap: { title: 'heap more than before', unit: 'MiB', digits: 1 },
    told: { title: 'readers told that some are lost', unit: '', digits: 0 },
  },
  primary: 'rss',
  aims: [
    { metric: 'rss', against: 'ws', atMost: 0.1 },
    { metric: 'heap', against: 'ws', atMost: 0.1 },
  ],
  growth: { title: 'heap', of: (figures) => figures['heap'] ?? Number.NaN },
  takesPart: everybody,
  async measure({ server, generator, size }) {
    await generator.connect({ from: 0, to: readers, watched: false });
    await server.prepare(0, readers);
    await server.flood(0, readers, 1, bytes);
    await generator.arrived([{ from: 0, to: readers, events: 1 }]);
    const before = await server.memory();
    await generator.stopReading();
    await server.flood(0, readers, size, bytes);
    const after = await server.memory();
    await generator.read();
    await generator.arrived([{ from: 0, to: readers, events: size + 1 }], true);
    const { excused } = await generator.counts();
    return { rss: (after.rss - before.rss) / mebibyte, heap: (after.heap - before.heap) / mebibyte, told: excused };
  },
};
