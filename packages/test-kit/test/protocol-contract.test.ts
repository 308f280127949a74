// The contract of servers: the real service keeps it, and a server that breaks one rule is caught by the case of that rule.
import { memoryLog } from '@throughline/core';
import { afterAll, describe, expect, test } from 'vitest';
import { type ProtocolSubject, protocolContract, runContract } from '../src/protocol-contract.js';
import { type Served, serve } from './served-subject.js';
import { type Passing, type Spoiling, spoiledServer } from './spoiled-server.js';

const print = () => {};
const served: Served[] = [];

async function started(...options: Parameters<typeof serve>): Promise<Served> {
  const one = await serve(...options);
  served.push(one);
  return one;
}

/** Everything that a contract may ask of a server. */
async function wholeSubject(): Promise<ProtocolSubject> {
  const { subject } = await started({
    heartbeatMs: 1_000,
    expiryGraceMs: 1_000,
    maxSessionsPerUser: 10,
    framesPerSession: { burst: 300, perSecond: 300 },
  });
  const { subject: forgetful } = await started({ log: memoryLog({ entriesPerUser: 100 }) });
  return {
    ...subject,
    forgetful,
    heartbeatMs: 1_000,
    expiryGraceMs: 1_000,
    sessionsPerUser: 10,
    framesAtOnce: 300,
    async expendable() {
      const { subject: own, service } = await serve();
      return { ...own, drain: () => service.service.drain(), close: () => service.close() };
    },
  };
}

const subject = await wholeSubject();
afterAll(() => Promise.all(served.map(({ service }) => service.close())));

describe.concurrent('S12: the real service keeps the contract', () => {
  const cases = protocolContract(subject);
  test('nothing is skipped', () => expect(cases.filter(({ skip }) => skip !== undefined)).toEqual([]));
  const asked = cases.map(({ name, run }) => [name, run] as const);
  test.each(asked)('%s', (_, run) => expect(run()).resolves.toBeUndefined());
});

interface Broken {
  /** The case that is meant for it. */
  readonly caught: string;
  readonly spoil: () => Spoiling;
}

const without = (head: string, pattern: RegExp) => head.replace(pattern, '');
/** Changes frames of some types that the server says. */
const changing = (type: string, change: (frame: Passing) => readonly Passing[]) => (): Spoiling => ({
  down: (frame) => (frame.type === type ? change(frame) : [frame]),
});

/** What every connection of this server has read, for all to read. */
function mixed(): () => Spoiling {
  const events: Passing[] = [];
  return () => ({
    down(frame) {
      if (!('offset' in frame)) return [frame];
      const others = events.filter(({ user_id }) => user_id !== frame.user_id);
      events.push(frame);
      return [...others, frame];
    },
  });
}

const broken: Readonly<Record<string, Broken>> = {
  'repeats the token as the subprotocol': {
    caught: 'the selected subprotocol is exactly throughline.v1, whatever else is offered',
    spoil: () => ({
      response: (head, request) =>
        head.replace(/throughline\.v1/, /bearer64\.[\w-]+/.exec(request)?.[0] ?? 'throughline.v1'),
    }),
  },
  'negotiates compression': {
    caught: 'no extension is ever negotiated',
    spoil: () => ({
      response: (head) => head.replace('\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n'),
    }),
  },
  'looks at no origin': {
    caught: 'a foreign origin is refused in HTTP',
    spoil: () => ({ request: (head) => without(head, /^Origin:.*\r\n/m) }),
  },
  'takes the second carrier when the first is bad': {
    caught: 'the first carrier is the one that is judged',
    spoil: () => ({ request: (head) => without(head, /^Authorization:.*\r\n/m) }),
  },
  'has close codes of its own': {
    caught: 'two good credentials must name the same user',
    spoil: () => ({ closeCode: (code) => (code === 4403 ? 1008 : code) }),
  },
  'takes threads that are none': {
    caught: 'a position or a list of threads that is none is told by 4400',
    spoil: () => ({ request: (head) => head.replace(/[?&]threads=[^ &]*/g, '') }),
  },
  'welcomes twice': {
    caught: 'welcome is the first frame, comes once, and says everything',
    spoil: changing('welcome', (frame) => [frame, frame]),
  },
  'does not say how long frames may be': {
    caught: 'welcome is the first frame, comes once, and says everything',
    spoil: changing('welcome', (frame) => [{ ...frame, max_frame_bytes: undefined }]),
  },
  'answers pings with ids of its own': {
    caught: 'a ping is answered by a pong of the same id, in order',
    spoil: changing('pong', (frame) => [{ ...frame, id: `${String(frame.id)}!` }]),
  },
  'refuses fields that it does not know': {
    caught: 'fields that a service does not know are passed over',
    spoil: () => ({ up: (frame) => ['colour' in frame ? { type: 'unknown' } : frame] }),
  },
  'passes over what it does not understand': {
    caught: 'an unknown type is an illegal frame: 4400, with a reason',
    spoil: () => ({ up: (frame) => (frame.type === 'shout' ? [] : [frame]) }),
  },
  'opens at active, whatever is asked': {
    caught: 'a position is resumed exactly behind its event, from wherever',
    spoil: () => ({ request: (head) => without(head, /[?&]from=[^ &]*/) }),
  },
  'says nothing of what is lost': {
    caught: 'a position that cannot be honoured is told by reset: beyond_head',
    spoil: changing('reset', () => []),
  },
  'takes every loss for an erasure': {
    caught: 'a position that cannot be honoured is told by reset: mark_mismatch',
    spoil: changing('reset', (frame) => [{ ...frame, cause: 'unknown_epoch' }]),
  },
  'loses a piece': {
    caught: 'a run is five types of events, numbered densely, each whole',
    spoil: changing('partial_result', (frame) => (frame.seq === 6 ? [] : [frame])),
  },
  'sends a piece twice': {
    caught: 'a run is five types of events, numbered densely, each whole',
    spoil: changing('partial_result', (frame) => [frame, frame]),
  },
  'mixes users': {
    caught: 'nobody reads what is somebody else’s',
    spoil: mixed(),
  },
  'reads all threads': {
    caught: 'a session reads the threads that its query names, and none when it names an empty one',
    spoil: () => ({ request: (head) => head.replace(/[?&]threads=[^ &]*/g, '') }),
  },
  'answers changes of threads together': {
    caught: 'other threads are asked for by `threads`, and each is answered by one `reading`, in order',
    spoil: () => ({
      down: (frame) => (frame.type === 'reading' && Array.isArray(frame.threads) ? [] : [frame]),
    }),
  },
  'sends without a window': {
    caught: 'no more than the window is sent unacknowledged, and an ack makes room',
    spoil: () => ({ request: (head) => head.replace(/[?&]acks=1/, '') }),
  },
  'handles a message as often as it comes': {
    caught: 'a message that is accepted is handled at most once, on whatever connection it comes again',
    spoil: () => {
      let count = 0;
      return {
        up: (frame) => [
          frame.type === 'message' ? { ...frame, id: `${String(frame.id)}~${Math.random()}-${count++}` } : frame,
        ],
        down: (frame) => [frame.type === 'accepted' ? { ...frame, id: String(frame.id).split('~')[0] } : frame],
      };
    },
  },
  'accepts a cancel and forgets it': {
    caught: 'a cancel is passed on, and the run ends as cancelled',
    spoil: () => ({
      up(frame, reply) {
        if (frame.type !== 'cancel') return [frame];
        reply({ type: 'accepted', id: frame.id });
        return [];
      },
    }),
  },
  'tells whose a run is': {
    caught: 'nobody cancels the run of somebody else, or learns that there is one',
    spoil: changing('error', (frame) => [frame.id === 'c-1' ? { ...frame, code: 'RUN_FORBIDDEN' } : frame]),
  },
  'takes messages of the expired': {
    caught:
      'once the credential has expired nothing is sent or done but what leads to another, which brings everything',
    spoil: changing('error', ({ id, code, ...frame }) => [
      code === 'TOKEN_EXPIRED' ? { type: 'accepted', id } : ({ ...frame, id, code } as Passing),
    ]),
  },
  'repeats tokens in refreshed': {
    caught: 'a fresh token of the same user is honoured, and nothing repeats it',
    spoil: () => {
      let token: unknown;
      return {
        up(frame) {
          if (frame.type === 'token') ({ token } = frame);
          return [frame];
        },
        down: (frame) => [frame.type === 'refreshed' ? { ...frame, token } : frame],
      };
    },
  },
};

describe.concurrent('R20: each broken server is caught by the case meant for it', () => {
  test.each(Object.entries(broken))('a server that %s', async (_, { caught, spoil }) => {
    const { subject: whole } = await started();
    await using server = await spoiledServer(whole.url, spoil);
    const cases = protocolContract({ ...whole, url: server.url }).filter(({ name }) => name === caught);
    const [result] = await runContract(cases, { print });
    expect(result).toMatchObject({ name: caught, outcome: 'failed' });
  });

  test('an honest server behind the same hands keeps the contract', async () => {
    const { subject: whole } = await started();
    await using server = await spoiledServer(whole.url, () => ({ up: (frame) => [frame], down: (frame) => [frame] }));
    const names = new Set(Object.values(broken).map(({ caught }) => caught));
    const cases = protocolContract({ ...whole, url: server.url }).filter(({ name }) => names.has(name));
    const results = await runContract(cases, { print });
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(results.length).toBe(names.size);
  });
});

test('a server of which little is known is asked less, and says why', async () => {
  const { subject: whole } = await started();
  const lines: string[] = [];
  const { url, token, agent } = whole;
  const results = await runContract(protocolContract({ url, token, agent }), {
    only: /ticket|cookie|signing out|heartbeat|4429|below_floor|drains/,
    print: (line) => lines.push(line),
  });
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'skipped'));
  expect(lines).toHaveLength(results.length);
  expect(lines.join('\n')).toContain('the interval of this server is too long to wait for');
});

test('R20 what a subject cannot say is refused', () => {
  const misspelt = { ...subject, heartbeat: 1_000 } as ProtocolSubject;
  expect(() => protocolContract(misspelt)).toThrow(/no option heartbeat of protocolContract/);
});
