// Who may not come in does not: PROTOCOL.md, section 2.
import { isEvent } from '../../frame.js';
import type { RawClient, RawClientOptions } from '../../raw-client.js';
import type { Check } from '../check.js';
import type { Journey } from '../journey.js';
import { must } from '../verdict.js';
import { wrongTokens } from '../wrong-tokens.js';

export const missingCredential: Check = {
  name: 'missing-credential',
  why: 'Without a token nobody comes in, and a page is told so by 4401, which it can tell from a fault.',
  stage: 'stay',
  run: (journey) => refused('no token', {}, journey),
};

export const wrongCredentials: Check = {
  name: 'wrong-credentials',
  why: 'A token that is invented, changed or unsigned opens nothing.',
  stage: 'stay',
  async run(journey) {
    let told: string | undefined;
    for (const [flaw, token] of Object.entries(wrongTokens(journey.settings.firstToken))) {
      journey.tokens.add(token);
      told = (await refused(flaw, { token }, journey)) ?? told;
    }
    return told;
  },
};

export const foreignOrigin: Check = {
  name: 'foreign-origin',
  why: 'A page of somebody else’s site cannot connect in the name of who reads it.',
  stage: 'stay',
  async run({ visits }) {
    const client = visits.open('first', { headers: { Origin: 'https://foreign.invalid' } });
    visits.expectEnd(client);
    const { status } = await client.answered();
    client.cut();
    must(status === 403, `A foreign origin is answered with ${status}, not 403.`);
    return undefined;
  },
};

async function refused(what: string, options: RawClientOptions, { visits }: Journey): Promise<string | undefined> {
  const client = visits.open('nobody', options);
  visits.expectEnd(client);
  const { status } = await client.answered();
  if (status === 401) {
    client.cut();
    return 'Refused in HTTP (401): credentials were refused too often from this address.';
  }
  must(
    status === 101,
    `With ${what} the upgrade is answered with ${status}, not by a close frame that a page can read.`,
  );
  await client.find(() => true).catch(() => {});
  mustBeTold4401(what, client);
  return undefined;
}

function mustBeTold4401(what: string, client: RawClient): void {
  const [frame] = client.frames;
  const { ending } = client;
  client.cut();
  must(
    frame === undefined,
    `With ${what} the service says ${frame?.type}${frame && isEvent(frame) ? ', an event' : ''}.`,
  );
  must(
    ending?.code === 4401,
    `With ${what} the connection ${ending ? `ends with ${ending.code}` : 'stays open'}, not with 4401.`,
  );
}
