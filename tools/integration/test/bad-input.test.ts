// S10, R6: whatever a client sends on a live connection, it gets the verdict that PROTOCOL.md promises; the service
// lives, and nobody else notices.
import type { IncomingMessage } from '@throughline/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isDocumented, type Told } from '../src/documented.js';
import { type Neighbour, startNeighbour } from '../src/neighbour.js';
import type { RawClient } from '../src/raw-client.js';
import { startTestService, type TestService } from '../src/test-service.js';
import { badTokens, tokenOf } from '../src/tokens.js';
import { clientFrame, closePayload, opcodes } from '../src/wire.js';

/** What follows: a close, an `error` frame, `accepted`, or nothing at all (and the connection goes on). */
type Verdict = { close: number; saying?: string } | { error: string } | 'accepted' | 'nothing';

interface BadInput {
  readonly name: string;
  readonly act: (client: RawClient) => unknown;
  readonly verdict: Verdict;
}

const message = { type: 'message', id: 'm-1', thread_id: 't-1', data: 'hello' };
const megabyte = 'x'.repeat(1_048_576);

const text = (name: string, payload: string, verdict: Verdict): BadInput => ({
  name,
  act: (client) => client.sendFrame(payload),
  verdict,
});
const frame = (name: string, content: object, verdict: Verdict) => text(name, JSON.stringify(content), verdict);
const illegal = (saying: string) => ({ close: 4400, saying });

const json: BadInput[] = [
  text('malformed JSON', '{"type":', illegal('not JSON')),
  text('an empty text', '', illegal('not JSON')),
  text('an array', '[{"type":"ping","id":"1"}]', illegal('not a JSON object')),
  text('null', 'null', illegal('not a JSON object')),
  text('a number', '12', illegal('not a JSON object')),
  text('a string', '"ping"', illegal('not a JSON object')),
  text('32,000 nested arrays', '['.repeat(32_000) + ']'.repeat(32_000), illegal('not a JSON object')),
  text('32,000 arrays left open', '['.repeat(32_000), illegal('not JSON')),
  text(
    'data nested 10,000 deep',
    JSON.stringify({ ...message, data: 0 }).replace('0}', `${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
    'accepted',
  ),
];

const fields: BadInput[] = [
  frame('an unknown type', { type: 'subscribe', id: '1' }, illegal('unknown frame type subscribe')),
  frame('a frame of the service', { type: 'welcome', session_id: '1' }, illegal('unknown frame type welcome')),
  frame('an event', { type: 'agent_completed', offset: 1, mark: '0' }, illegal('unknown frame type')),
  frame('no type', { id: '1' }, illegal('type must be a string')),
  frame('a type that is no string', { type: 7 }, illegal('type must be a string')),
  frame('a type of every object', { type: 'constructor' }, illegal('unknown frame type')),
  text('a type by prototype', '{"__proto__":{"type":"ping","id":"1"}}', illegal('type must be a string')),
  frame('a message without id', { ...message, id: undefined }, illegal('message.id must be')),
  frame('an id that is a number', { ...message, id: 7 }, illegal('message.id must be')),
  frame('an id with a space', { ...message, id: 'm 1' }, illegal('message.id must be')),
  frame('an id with a line end', { ...message, id: 'm\n1' }, illegal('message.id must be')),
  frame('an id of 129 characters', { ...message, id: 'm'.repeat(129) }, illegal('message.id must be')),
  frame('an empty thread id', { ...message, thread_id: '' }, illegal('message.thread_id must be')),
  frame('a message without data', { ...message, data: undefined }, illegal('message.data must be')),
  frame('a cancel without run', { type: 'cancel', id: '1' }, illegal('cancel.run_id must be')),
  frame('a ping without id', { type: 'ping' }, illegal('ping.id must be')),
  frame('a token that is no string', { type: 'token', id: '1', token: {} }, illegal('token.token must be')),
  frame('data that the schema refuses', { ...message, id: 'm-2', data: 'bad' }, { error: 'MESSAGE_INVALID' }),
  frame('fields nobody knows', { type: 'ping', id: 'known', user_id: 'ada' }, 'nothing'),
];

const claims: BadInput[] = [
  frame('a run nobody has', { type: 'cancel', id: 'c-1', run_id: 'r-none' }, { error: 'RUN_UNKNOWN' }),
  {
    name: "a neighbour's run",
    act: (client) => client.send({ type: 'cancel', id: 'c-2', run_id: foreignRun }),
    verdict: { error: 'RUN_UNKNOWN' },
  },
  frame('an ack of no position', { type: 'ack', position: 'x' }, illegal('ack.position is not a position')),
  frame('an ack that is a number', { type: 'ack', position: 3 }, illegal('ack.position must be')),
  frame('an ack of another epoch', { type: 'ack', position: 'another.999.00000000' }, 'nothing'),
  {
    name: 'an ack of what was never sent',
    act: async (client) => {
      const [epoch] = (await client.welcome).position.split('.');
      client.send({ type: 'ack', position: `${epoch}.999999.0badc0de` });
    },
    verdict: illegal('ack.position was never sent'),
  },
  {
    name: "a neighbour's token",
    act: async (client) => client.send({ type: 'token', id: '1', token: await tokenOf('neighbour') }),
    verdict: { close: 4403 },
  },
];

const wire: BadInput[] = [
  {
    name: 'a binary frame',
    act: (client) => client.sendFrame('{}', { opcode: opcodes.binary }),
    verdict: { close: 1003 },
  },
  {
    name: 'an empty binary frame',
    act: (client) => client.sendFrame('', { opcode: opcodes.binary }),
    verdict: { close: 1003 },
  },
  {
    name: 'a fragmented binary message',
    act: (client) => {
      client.sendFrame('{', { opcode: opcodes.binary, final: false });
      client.sendFrame('}', { opcode: opcodes.continuation });
    },
    verdict: { close: 1003 },
  },
  text('a frame of 1 MB', JSON.stringify({ ...message, data: megabyte }), { close: 1009 }),
  {
    name: 'a fragmented message of 1 MB',
    act: (client) => {
      client.sendFrame(megabyte.slice(0, 40_000), { final: false });
      for (let part = 0; part < 24; part++) {
        client.sendFrame(megabyte.slice(0, 40_000), { opcode: opcodes.continuation, final: false });
      }
      client.sendFrame('', { opcode: opcodes.continuation });
    },
    verdict: { close: 1009 },
  },
  {
    name: 'a header that promises 1 GB',
    act: (client) => client.sendFrame('', { saidLength: 1_073_741_824 }),
    verdict: { close: 1009 },
  },
  {
    name: 'a header that promises 2^62 bytes',
    act: (client) => client.write(Buffer.from('81ff4000000000000000', 'hex')),
    verdict: { close: 1009 },
  },
  {
    name: 'one byte more than welcome allows',
    act: async (client) => client.sendFrame(padded((await client.welcome).max_frame_bytes + 1)),
    verdict: { close: 1009 },
  },
  {
    name: 'exactly as much as welcome allows',
    act: async (client) => client.sendFrame(padded((await client.welcome).max_frame_bytes)),
    verdict: 'accepted',
  },
  {
    name: 'bytes that are no UTF-8',
    act: (client) => client.sendFrame(Buffer.from('7b22ff22', 'hex')),
    verdict: { close: 1007 },
  },
  {
    name: 'half a surrogate pair in UTF-8',
    act: (client) => client.sendFrame(Buffer.from('22eda08022', 'hex')),
    verdict: { close: 1007 },
  },
  {
    name: 'an overlong encoding',
    act: (client) => client.sendFrame(Buffer.from('22c0af22', 'hex')),
    verdict: { close: 1007 },
  },
  {
    name: 'a character cut in two',
    act: (client) => client.sendFrame(Buffer.from('22e282', 'hex')),
    verdict: { close: 1007 },
  },
  {
    name: 'a character across two fragments',
    act: (client) => {
      const bytes = Buffer.from(JSON.stringify({ ...message, id: 'm-3', data: '€' }));
      const half = bytes.indexOf(0xe2) + 1;
      client.sendFrame(bytes.subarray(0, half), { final: false });
      client.sendFrame('are you there?', { opcode: opcodes.ping });
      client.sendFrame(bytes.subarray(half), { opcode: opcodes.continuation });
    },
    verdict: 'accepted',
  },
  ...[1, 2, 4, 7].map((reserved) => ({
    name: `the reserved bits ${reserved}`,
    act: (client: RawClient) => client.sendFrame('{}', { reserved }),
    verdict: { close: 1002 },
  })),
  ...[3, 7, 11, 15].map((opcode) => ({
    name: `the reserved opcode ${opcode}`,
    act: (client: RawClient) => client.sendFrame('{}', { opcode }),
    verdict: { close: 1002 },
  })),
  {
    name: 'an unmasked frame',
    act: (client) => client.sendFrame('{"type":"ping","id":"1"}', { masked: false }),
    verdict: { close: 1002 },
  },
  {
    name: 'a continuation of nothing',
    act: (client) => client.sendFrame('{}', { opcode: opcodes.continuation }),
    verdict: { close: 1002 },
  },
  {
    name: 'a new message inside another',
    act: (client) => {
      client.sendFrame('{', { final: false });
      client.sendFrame('{}');
    },
    verdict: { close: 1002 },
  },
  {
    name: 'a fragmented ping',
    act: (client) => client.sendFrame('x', { opcode: opcodes.ping, final: false }),
    verdict: { close: 1002 },
  },
  {
    name: 'a ping of 126 bytes',
    act: (client) => client.sendFrame('x'.repeat(126), { opcode: opcodes.ping }),
    verdict: { close: 1002 },
  },
  {
    name: 'a pong nobody asked for',
    act: (client) => client.sendFrame('x', { opcode: opcodes.pong }),
    verdict: 'nothing',
  },
  {
    name: 'a close frame of one byte',
    act: (client) => client.sendFrame('x', { opcode: opcodes.close }),
    verdict: { close: 1002 },
  },
  ...[0, 999, 1005, 1006, 2_999].map((code) => ({
    name: `a close frame with code ${code}`,
    act: (client: RawClient) => client.close(code),
    verdict: { close: 1002 },
  })),
  {
    name: 'a close reason that is no UTF-8',
    act: (client) => client.sendFrame(closePayload(1000, Buffer.from([0xff])), { opcode: opcodes.close }),
    verdict: { close: 1007 },
  },
];

/** A legal message that is so many bytes long. */
function padded(bytes: number): string {
  const empty = JSON.stringify({ ...message, id: `m-${bytes}`, data: '' });
  return empty.replace('""}', `"${'x'.repeat(bytes - empty.length)}"}`);
}

let service: TestService;
let neighbour: Neighbour;
let otherTab: RawClient;
let foreignRun = '';
const handled: IncomingMessage[] = [];

beforeAll(async () => {
  service = await startTestService({
    messages: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => (value === 'bad' ? { issues: [{ message: 'bad' }] } : { value }),
      },
    },
    onMessage: (incoming) => {
      handled.push(incoming);
    },
  });
  neighbour = await startNeighbour(service, 'neighbour');
  otherTab = await service.open('mallory');
  foreignRun = (await (await service.managerOf('neighbour')).startRun({ agent_name: 'a', thread_id: 't' })).run_id;
});

beforeEach(() => neighbour.hears());

afterEach(async () => {
  await neighbour.hears();
  await neighbour.mustHaveAll();
});

afterAll(() => service[Symbol.asyncDispose]());

describe.each([
  { about: 'text', inputs: json },
  { about: 'fields', inputs: fields },
  { about: 'claims', inputs: claims },
  { about: 'the wire', inputs: wire },
])('S10, R6: $about', ({ inputs }) => {
  test.each(inputs)('$name', async ({ act, verdict }) => {
    const client = await service.open('mallory');
    const before = handled.length;
    await act(client);
    const outcome = await outcomeOf(client, verdict);
    expect(outcome).toEqual(expectedOf(verdict));
    expect(isDocumented(toldBy(verdict))).toBe(true);
    expect(client.violations).toEqual([]);
    // What comes behind an illegal frame is never handled.
    expect(handled.slice(before).map(({ id }) => id)).not.toContain('behind');
  });
});

interface Outcome {
  /** The code of an `error` frame, or `accepted`. */
  readonly answer?: string;
  readonly close: number;
  readonly reason: string;
}

/** What became of the connection. One that goes on answers a ping, and is then closed. */
async function outcomeOf(client: RawClient, verdict: Verdict): Promise<Outcome> {
  if (typeof verdict === 'object' && 'close' in verdict) client.send({ ...message, id: 'behind' });
  client.send({ type: 'ping', id: 'still-there' });
  const goesOn = (async () => {
    const awaited = verdict === 'nothing' ? ['pong'] : ['accepted', 'error'];
    const frame = await client.next(({ type }) => awaited.includes(type));
    await client.next('pong');
    client.close();
    return frame.type === 'error' ? { answer: frame.code } : frame.type === 'accepted' ? { answer: 'accepted' } : {};
  })();
  const [answer, { code, reason }] = await Promise.all([goesOn.catch(() => ({})), client.closed]);
  return { ...answer, close: code, reason };
}

function expectedOf(verdict: Verdict): Outcome {
  if (verdict === 'nothing') return { close: 1000, reason: '' };
  if (verdict === 'accepted') return { answer: 'accepted', close: 1000, reason: '' };
  if ('error' in verdict) return { answer: verdict.error, close: 1000, reason: '' };
  return { close: verdict.close, reason: expect.stringContaining(verdict.saying ?? '') as string };
}

function toldBy(verdict: Verdict): Told {
  if (typeof verdict === 'string') return { close: 1000 };
  return 'error' in verdict ? { code: verdict.error } : { close: verdict.close };
}

test('R7: the reason of a close repeats nothing that is no frame type', async () => {
  const client = await service.open('mallory');
  client.send({ type: 'my secret 123' });
  expect(await client.closed).toMatchObject({ code: 4400, reason: 'unknown frame type' });
});

describe('S10: a connection that breaks off', () => {
  test.each([
    { name: 'ends in the middle of a frame', act: (client: RawClient) => client.end() },
    { name: 'is reset in the middle of a frame', act: (client: RawClient) => client.reset() },
  ])('$name', async ({ act }) => {
    const client = await service.open('mallory');
    const { session_id } = await client.welcome;
    client.write(clientFrame(JSON.stringify(message)).subarray(0, 20));
    client.send({ type: 'ping', id: 'part of the frame before' });
    act(client);
    const { code } = await service.told('session_closed', (event) => event.session_id === session_id);
    expect([1006, 1002]).toContain(code);
  });
});

test.each(Object.keys(await badTokens('mallory')))('R14: a refresh with a bad token: %s', async (flaw) => {
  const client = await service.open('mallory');
  const token = (await badTokens('mallory'))[flaw] as string;
  client.send({ type: 'token', id: '1', token });
  const { code, reason } = await client.closed;
  expect(code).toBe(4401);
  expect(reason).not.toContain(token);
});

test('S10: the bad ones’ other tab and the neighbour lived through all of it, and nothing was closed with 1011', async () => {
  otherTab.send({ type: 'ping', id: 'alive' });
  await otherTab.next('pong');
  expect(otherTab.frames.map(({ type }) => type)).toEqual(['welcome', 'pong']);
  expect(await neighbour.ends()).toBe('succeeded');
  expect(handled.map(({ id }) => id)).toEqual(['m-1', 'm-65536', 'm-3']);
  const codes = service.telemetry.flatMap((event) => (event.kind === 'session_closed' ? [event.code] : []));
  expect(codes).not.toContain(1011);
  expect(service.telemetry.filter(({ kind }) => kind === 'fault')).toEqual([]);
});
