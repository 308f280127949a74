// PROTOCOL.md, section 3: what a frame is, what is answered, and what ends the connection.
import assert from 'node:assert/strict';
import { encodeFrame } from '../frame-bytes.js';
import type { ProtocolRule } from './protocol-seat.js';
import { expectClose, hears, positionShape, settled } from './protocol-words.js';

/** Frames that mean nothing. */
const illegal: readonly (readonly [string, string])[] = [
  ['no JSON', 'hello'],
  ['no object', '[]'],
  ['null', 'null'],
  ['no type', '{}'],
  ['a type that is no text', '{"type":1}'],
  ['an unknown type', '{"type":"shout","id":"f-1"}'],
  ['a type of the service', '{"type":"welcome"}'],
  ['a ping without an id', '{"type":"ping"}'],
  ['an id with a space', '{"type":"ping","id":"a b"}'],
  ['an empty id', '{"type":"ping","id":""}'],
  ['an id that is too long', `{"type":"ping","id":"${'x'.repeat(129)}"}`],
  ['a message without a thread', '{"type":"message","id":"m-1","data":1}'],
  ['a message without data', '{"type":"message","id":"m-1","thread_id":"t-1"}'],
  ['a cancel without a run', '{"type":"cancel","id":"c-1"}'],
  ['a token that is none', '{"type":"token","id":"f-1","token":1}'],
  ['an ack without a position', '{"type":"ack"}'],
  ['an ack of no position', '{"type":"ack","position":"here"}'],
  ['threads without from', '{"type":"threads","threads":null}'],
  ['threads that are no list', '{"type":"threads","threads":"t-1","from":"active"}'],
];

export const framing: readonly ProtocolRule[] = [
  {
    name: 'welcome is the first frame, comes once, and says everything',
    reason: 'section 3, From the service',
    async run({ enter, user }) {
      const client = await enter();
      await settled(client, 'p-1');
      const [welcome, ...others] = client.frames as unknown as Record<string, unknown>[];
      assert.equal(welcome?.type, 'welcome');
      assert.ok(!others.some(({ type }) => type === 'welcome'), 'welcome came again');
      assert.equal(welcome?.user_id, user);
      assert.match(String(welcome?.position), positionShape);
      assert.equal(typeof welcome?.session_id, 'string');
      for (const field of ['head', 'heartbeat_ms', 'max_frame_bytes']) {
        assert.ok(Number.isInteger(welcome?.[field]), `welcome.${field} should be an integer`);
      }
      assert.equal(welcome?.expires_in_ms, null);
    },
  },
  {
    name: 'every session has an id of its own',
    reason: 'section 1, session: the state of exactly one socket',
    async run({ enter }) {
      const ids = [await enter(), await enter()].map(async (client) => (await client.welcomed()).session_id);
      const [one, other] = await Promise.all(ids);
      assert.notEqual(one, other);
    },
  },
  {
    name: 'a ping is answered by a pong of the same id, in order',
    reason: 'section 3, pong; section 8: with no answer within 2 s a client drops the socket',
    async run({ enter }) {
      const client = await enter();
      for (const id of ['p-1', '~!"\\', 'x'.repeat(128)]) client.send({ type: 'ping', id });
      await settled(client, 'last');
      const ids = client.frames.flatMap((frame) => (frame.type === 'pong' ? [frame.id] : []));
      assert.deepEqual(ids, ['p-1', '~!"\\', 'x'.repeat(128), 'last']);
    },
  },
  {
    name: 'a WebSocket ping is answered with its payload',
    reason: 'RFC 6455, section 5.5.2',
    async run({ enter }) {
      const client = await enter();
      client.ping('are you there?');
      await settled(client, 'p-1');
      const pongs = client.wire.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString());
      assert.deepEqual(pongs, ['are you there?']);
    },
  },
  {
    name: 'what is sent before welcome is handled after it',
    reason: 'section 3, From the client: nothing is lost, and nothing is handled before welcome',
    async run({ knock, token }) {
      const early = encodeFrame(JSON.stringify({ type: 'ping', id: 'early' }));
      const client = knock({ token: await token(), early });
      await client.find('pong');
      assert.deepEqual(
        client.frames.slice(0, 2).map(({ type }) => type),
        ['welcome', 'pong'],
      );
    },
  },
  {
    name: 'a frame may come in fragments, with control frames in between',
    reason: 'section 3: one unfragmented or fragmented text message',
    async run({ enter }) {
      const client = await enter();
      const text = JSON.stringify({ type: 'ping', id: 'in-parts' });
      client.sendFrame(text.slice(0, 5), { final: false });
      client.ping();
      client.sendFrame(text.slice(5, 9), { final: false, opcode: 'continuation' });
      client.sendFrame(text.slice(9), { opcode: 'continuation' });
      assert.equal((await client.find('pong')).id, 'in-parts');
    },
  },
  {
    name: 'fields that a service does not know are passed over',
    reason: 'section 3: a later version may send more',
    async run({ enter }) {
      const client = await enter();
      client.send({ type: 'ping', id: 'p-1', colour: 'green', offset: 7, data: { type: 'cancel' } });
      assert.equal((await client.find('pong')).id, 'p-1');
    },
  },
  ...illegal.map(
    ([what, text]): ProtocolRule => ({
      name: `${what} is an illegal frame: 4400, with a reason`,
      reason: 'section 3, From the client: a reason that names the fault',
      async run({ enter }) {
        const client = await enter();
        client.sendFrame(text);
        await expectClose(client, 4400);
        assert.notEqual(client.ending?.reason, '', 'the reason should name the fault');
      },
    }),
  ),
  {
    name: 'what is no text of the protocol’s size ends the connection by its own code',
    reason: 'section 3 and section 9: 1002, 1003, 1007, 1009',
    async run({ enter }) {
      const { max_frame_bytes } = await (await enter()).welcomed();
      const sends: readonly (readonly [number, (client: Awaited<ReturnType<typeof enter>>) => void])[] = [
        [1003, (client) => client.sendFrame(Buffer.of(1, 2, 3), { opcode: 'binary' })],
        [1007, (client) => client.sendFrame(Buffer.of(0x7b, 0xff, 0xfe))],
        [1009, (client) => client.sendFrame(`{"type":"ping","id":"${'x'.repeat(max_frame_bytes)}"}`)],
        [1002, (client) => client.sendFrame('{"type":"ping","id":"p-1"}', { mask: false })],
        [1002, (client) => client.sendFrame('{"type":"ping","id":"p-1"}', { reserved: 4 })],
      ];
      for (const [code, send] of sends) {
        const client = await enter();
        send(client);
        await expectClose(client, code);
      }
    },
  },
  {
    name: 'a frame of exactly max_frame_bytes is taken',
    reason: 'section 3: at most max_frame_bytes',
    async run({ enter }) {
      const client = await enter();
      const { max_frame_bytes } = await client.welcomed();
      const frame = { type: 'ping', id: 'p-1', padding: '' };
      const padding = 'x'.repeat(max_frame_bytes - JSON.stringify(frame).length);
      client.send({ ...frame, padding });
      assert.equal((await client.find('pong')).id, 'p-1');
    },
  },
  {
    name: 'what one session does wrong ends that session alone',
    reason: 'section 1, session',
    async run(seat) {
      const [bad, good] = [await seat.enter(), await seat.enter()];
      bad.sendFrame('{}');
      await expectClose(bad, 4400);
      await seat.agent.note(seat.user, 't-1', 'still here');
      await hears(good, 'still here');
    },
  },
  {
    name: 'a close is answered with its own code',
    reason: 'section 9: 1000, done, either side',
    async run({ enter }) {
      const client = await enter();
      client.close(1000, 'bye');
      await expectClose(client, 1000);
    },
  },
  {
    name: 'more frames than are allowed end the connection with 4429',
    reason: 'section 3, From the client',
    needs: 'framesAtOnce',
    async run({ enter, subject }) {
      const client = await enter();
      for (let count = 0; count < 2 * (subject.framesAtOnce ?? 0) + 100; count += 1)
        client.send({ type: 'ping', id: 'p-1' });
      await expectClose(client, 4429);
    },
  },
];
