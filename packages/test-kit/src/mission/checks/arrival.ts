// Both users come in, as themselves.
import { subprotocol } from '@throughline/events/protocol';
import type { RawClient } from '../../raw-client.js';
import type { Check } from '../check.js';
import type { Journey } from '../journey.js';
import { must } from '../verdict.js';
import type { Visitor } from '../visits.js';

export const arrival: Check = {
  name: 'arrival',
  why: 'Both users are let in through whatever stands in between, as two users, and without a word of their tokens.',
  stage: 'arrival',
  async run(journey) {
    const [first, second] = [await arrive('first', journey), await arrive('second', journey)];
    const [one, other] = [await first.welcomed(), await second.welcomed()];
    must(
      one.user_id !== other.user_id,
      `Both tokens are welcomed as ${one.user_id}: they must be of two users, or the service takes one for the other.`,
    );
    must(one.session_id !== other.session_id, 'Two connections are one session.');
    const lifeMs = Math.min(one.expires_in_ms ?? Infinity, other.expires_in_ms ?? Infinity);
    for (const client of [first, second]) await journey.visits.cut(client);
    if (lifeMs >= journey.settings.deadlineMs) return undefined;
    return `A token expires in ${Math.round(lifeMs / 1000)} s, within the deadline of the mission.`;
  },
};

export const authorizationHeader: Check = {
  name: 'authorization-header',
  why: 'A token in the Authorization header reaches the service too: proxies like to take that header out.',
  stage: 'stay',
  async run(journey) {
    const client = journey.visits.open('first', { carrier: 'authorization' });
    // By whoever took the header out, or by the check itself.
    journey.visits.expectEnd(client);
    const { status } = await client.answered();
    must(status === 101, `The upgrade was answered with ${status}.`);
    await client.welcomed();
    await journey.visits.cut(client);
    return undefined;
  },
};

async function arrive(visitor: Visitor, { visits, measures, clock }: Journey): Promise<RawClient> {
  const begun = clock.elapsed();
  const client = visits.open(visitor);
  const { status, headers, body } = await client.answered();
  must(status === 101, `The upgrade of the ${visitor} user was answered with ${status}: ${body.slice(0, 300)}`);
  const selected = headers['sec-websocket-protocol'];
  must(selected === subprotocol, `The service selects the subprotocol ${selected ?? '(none)'}, not ${subprotocol}.`);
  const { type } = await client.find(() => true);
  must(type === 'welcome', `The first frame is ${type}, not welcome.`);
  if (!measures.has('welcome')) measures.set('welcome', clock.elapsed() - begun);
  return client;
}
