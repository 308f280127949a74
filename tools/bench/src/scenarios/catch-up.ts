// A tunnel, a proxy that restarts: all connections break, 100 events are missed by each, and all come back at once.
import type { Rig } from '../harness/rig.js';
import type { Figures, Scenario } from './scenario.js';

const missed = 100;
/** As long as tokens are. */
const bytes = 12;
/** So many events before the break: who has seen nothing has nothing to resume from. */
const seen = 20;
/** So long the other user speaks while the others are away. */
const awaySeconds = 2;

async function measure({ server, generator, size }: Rig, busy: boolean): Promise<Figures> {
  const users = { from: 0, to: size };
  await generator.connect({ ...users, watched: false });
  if (busy) await generator.connect({ from: size, to: size + 1, watched: false });
  await server.prepare(0, size + 1);
  await server.flood(0, size, seen, bytes);
  await generator.arrived([{ ...users, events: seen }]);
  await generator.drop(0, size);
  const other = busy
    ? // 5,000 events a second: five in a turn, each ms.
      server.stream({ from: size, to: size + 1, everyMs: 0.2, burst: 5, seconds: 600 })
    : undefined;
  await new Promise((resolve) => setTimeout(resolve, busy ? awaySeconds * 1_000 : 200));
  await server.flood(0, size, missed, bytes);
  await server.beginWindow();
  const began = await generator.now();
  await generator.comeBack(0, size);
  const ended = await generator.arrived([{ ...users, events: seen + missed }]);
  const { cpuMicros } = await server.endWindow();
  if (other) {
    await server.stop();
    const { perUser } = await other;
    await generator.arrived([{ from: size, to: size + 1, events: perUser }]);
  }
  return { wall: (ended - began) / 1_000, cpu: cpuMicros / 1_000, perEvent: cpuMicros / size / missed };
}

const shared: Omit<Scenario, 'name' | 'title' | 'measure'> = {
  counts: 'clients',
  sizes: [250, 500, 1_000, 2_000],
  size: 1_000,
  quickSizes: [25, 50, 100, 200],
  metrics: {
    wall: { title: 'until the last has everything', unit: 'ms', digits: 0 },
    cpu: { title: 'CPU of the server', unit: 'ms', digits: 0 },
    perEvent: { title: 'CPU per missed event', unit: 'µs', digits: 2 },
  },
  primary: 'wall',
  aims: [
    { metric: 'wall', against: 'socket.io+recovery', atMost: 0.05 },
    { metric: 'cpu', against: 'socket.io+recovery', atMost: 0.05 },
  ],
  growth: { title: 'CPU of all', of: (figures) => figures['cpu'] ?? Number.NaN },
  takesPart: (peer) => peer.resumes,
};

export const catchUp: Scenario = {
  ...shared,
  name: 'catch-up',
  title: 'Catch-up: all return at once, 100 events missed by each',
  measure: (rig) => measure(rig, false),
};

export const catchUpBusy: Scenario = {
  ...shared,
  name: 'catch-up-busy',
  title: 'Catch-up while another user is sent 5,000 events/s',
  measure: (rig) => measure(rig, true),
};
