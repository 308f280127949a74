// A connection on which nothing is said is not silent.
import type { Check } from '../check.js';
import { must, notChecked } from '../verdict.js';

/** A busy machine may be late: PROTOCOL.md, section 8, has clients wait half an interval more, and some time to answer. */
const lateness = 1.5;
const graceMs = 2_000;

export const heartbeat: Check = {
  name: 'heartbeat',
  why: 'Silence is filled with heartbeats in time: proxies cut what is silent, and pages take it for dead.',
  stage: 'stay',
  async run({ visits, clock }) {
    const client = visits.open('first', { threads: [] });
    const { heartbeat_ms } = await client.welcomed();
    must(heartbeat_ms > 0, `The welcome promises a heartbeat each ${heartbeat_ms} ms.`);
    const most = lateness * heartbeat_ms + graceMs;
    if (clock.left(Number.POSITIVE_INFINITY) < most) {
      throw notChecked(
        `A heartbeat may take ${Math.ceil(most / 1000)} s, longer than is left: give a longer --deadline.`,
      );
    }
    await client.find('heartbeat', { deadlineMs: most });
    await visits.cut(client);
    return `within ${Math.round(most)} ms`;
  },
};
