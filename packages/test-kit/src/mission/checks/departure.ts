// What all connections of the mission have seen, looked at together.
import { opcodes } from '../../frame-bytes.js';
import type { RawClient } from '../../raw-client.js';
import type { Check } from '../check.js';
import { formsOf } from '../token-forms.js';
import { must } from '../verdict.js';

/** PROTOCOL.md, section 9, without 1011: that is sent by nobody on purpose. */
const closeCodes: ReadonlySet<number> = new Set([
  ...[1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1012, 1013],
  ...[4400, 4401, 4403, 4408, 4409, 4410, 4429],
]);

export const noInternalError: Check = {
  name: 'no-1011',
  why: 'No connection ends with 1011, nor with a code that the protocol does not know.',
  stage: 'departure',
  async run({ visits }) {
    const codes = visits.all.flatMap(({ client }) => client.ending?.code ?? []);
    const wrong = codes.filter((code) => !closeCodes.has(code));
    must(wrong.length === 0, `${wrong.length} of ${visits.all.length} connections ended with ${wrong.join(', ')}.`);
    return undefined;
  },
};

export const connectionsStay: Check = {
  name: 'connections-stay',
  why: 'Nothing in between or behind ends a connection that nobody asked to end.',
  stage: 'departure',
  async run({ visits }) {
    const lost = visits.all.filter(({ client, endWasAsked }) => client.ending && !endWasAsked);
    const how = lost.map(({ client: { ending } }) => `${ending?.code}${ending?.reason ? ` (${ending.reason})` : ''}`);
    must(
      lost.length === 0,
      `${lost.length} of ${visits.all.length} connections ended by themselves: ${how.join(', ')}.`,
    );
    return undefined;
  },
};

export const cleanFrames: Check = {
  name: 'clean-frames',
  why: 'Every byte is what the protocol says: no masked, compressed or binary frame, no text that is no frame.',
  stage: 'departure',
  async run({ visits }) {
    const found = visits.all.flatMap(({ client }) => client.violations);
    must(found.length === 0, `${found.length} violations: ${[...new Set(found)].join(', ')}.`);
    return undefined;
  },
};

export const tokensStaySecret: Check = {
  name: 'tokens-stay-secret',
  why: 'No token comes back in anything that the service says.',
  stage: 'departure',
  async run({ visits, tokens }) {
    const forms = [...tokens].flatMap(formsOf);
    const echoed = visits.all.filter(({ client }) => {
      const texts = textsOf(client);
      return forms.some((form) => texts.some((text) => text.includes(form)));
    });
    must(echoed.length === 0, `${echoed.length} of ${visits.all.length} connections were sent a token.`);
    return undefined;
  },
};

/** All that a service said: as it came, and as messages, where neither fragments nor escapes cut a token in two. */
function textsOf(client: RawClient): readonly string[] {
  const payloads = client.wire.flatMap(({ opcode, payload }) => (opcode < opcodes.close ? [payload] : []));
  return [client.transcript(), Buffer.concat(payloads).toString(), JSON.stringify(client.frames)];
}
