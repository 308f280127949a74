// The load of the regression gate, profiled: sinks instead of sockets, so that what the kernel does is not in the picture.
import type { Subject as GateSubject } from '../gate/subjects.js';
import type { GateProcess } from '../gate-process.js';
import { ordersTo } from '../harness/orders.js';
import { endProgram, startProgram } from '../harness/programs.js';
import { type Picture, pictureOf, profileFlags, type Subject } from './picture.js';

/** A sample of about 10 ms, as the gate takes it: so many turns with an event for each user. */
const turns = 60;
const users = 50;
/** Those before the first that counts: they compile, and fill the logs. */
const warmups = 100;

const nowMicros = () => Number(process.hrtime.bigint() / 1_000n);

/** Events one by one to 50 users. */
export async function profileGate(
  peer: GateSubject,
  programs: URL,
  seconds: number,
  subject: Subject,
): Promise<Picture> {
  const child = startProgram(programs, 'gate-process', profileFlags(subject.name));
  const costs: number[] = [];
  let from = 0;
  let to = 0;
  try {
    const gate = ordersTo(child) as GateProcess;
    await gate.start(peer);
    for (let round = 0; round < warmups; round++) await gate.sample(1, turns);
    from = nowMicros();
    for (to = from; to - from < seconds * 1_000_000; to = nowMicros()) costs.push((await gate.sample(1, turns)).cpu);
  } finally {
    await endProgram(child);
  }
  const cpu = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const done = { title: 'CPU per event', cpu, count: costs.length * turns * users };
  return pictureOf(subject, programs, { from, to }, done);
}
