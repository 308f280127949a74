// Tokens that are renewed on an open connection: PROTOCOL.md, section 7.
import type { Check } from '../check.js';
import type { Journey } from '../journey.js';
import { must, notChecked } from '../verdict.js';
import { wrongTokens } from '../wrong-tokens.js';

/** Of --refresh-command. */
const commandMs = 30_000;

export const refresh: Check = {
  name: 'refresh',
  why: 'A fresh token is taken on the open connection, which goes on: answers outlive tokens.',
  stage: 'stay',
  async run(journey) {
    const { visits, settings, tokens, clock } = journey;
    const client = visits.open('first', { threads: [] });
    await client.welcomed();
    const token = await settings.refresh.fresh(clock.left(commandMs));
    tokens.add(token);
    client.send({ type: 'token', id: 'refresh', token });
    const answer = await client.find((frame) => 'id' in frame && frame.id === 'refresh');
    must(answer.type === 'refreshed', `A fresh token is answered by ${answer.type}, not by refreshed.`);
    client.send({ type: 'ping', id: 'after-refresh' });
    await client.find('pong');
    await visits.cut(client);
    return settings.refresh.kind === 'same token'
      ? 'With the same token again: give --refresh-token or --refresh-command for a fresh one.'
      : undefined;
  },
};

export const wrongRefresh: Check = {
  name: 'wrong-refresh',
  why: 'A refresh with a token that nobody issued ends the connection with 4401.',
  stage: 'stay',
  async run(journey) {
    const { 'a changed token': token = '' } = wrongTokens(journey.settings.firstToken);
    journey.tokens.add(token);
    await endsWith(4401, token, journey);
    return undefined;
  },
};

export const foreignRefresh: Check = {
  name: 'foreign-refresh',
  why: 'A connection never becomes another user’s: their token on it ends it with 4403.',
  stage: 'stay',
  async run(journey) {
    await endsWith(4403, journey.settings.secondToken, journey);
    return undefined;
  },
};

async function endsWith(code: number, token: string, { visits }: Journey): Promise<void> {
  const client = visits.open('first', { threads: [] });
  visits.expectEnd(client);
  await client.welcomed();
  client.send({ type: 'token', id: 'refresh', token });
  const answer = await client.find((frame) => 'id' in frame && frame.id === 'refresh').catch(() => undefined);
  if (answer?.type === 'error' && answer.code === 'AUTHENTICATOR_DOWN') {
    throw notChecked('The service could not ask who issues its tokens just now (AUTHENTICATOR_DOWN).');
  }
  const { ending } = client;
  client.cut();
  must(answer === undefined, `It is answered by ${answer?.type}, not closed with ${code}.`);
  must(ending?.code === code, `It ${ending ? `ends with ${ending.code}` : 'stays open'}, not with ${code}.`);
}
