// PROTOCOL.md, sections 4.2 and 5: which threads are read, and how fast.
import assert from 'node:assert/strict';
import { isEvent } from '../frame.js';
import type { ProtocolRule } from './protocol-seat.js';
import { eventsOf, expectClose, hears, noted, notes, positionAfter, positionShape, settled } from './protocol-words.js';

/** Sent and not acknowledged at most, and the longest event that may come on top. */
const windowBytes = 131_072;

export const choosing: readonly ProtocolRule[] = [
  {
    name: 'a session reads the threads that its query names, and none when it names an empty one',
    reason: 'section 2, threads',
    async run(seat) {
      const [some, all, none] = [
        await seat.enter({ threads: ['t-1', 't-3'] }),
        await seat.enter(),
        await seat.enter({ threads: [] }),
      ];
      for (const thread of ['t-1', 't-2', 't-3']) await notes(seat, [thread], thread);
      await Promise.all([hears(some, 't-3'), hears(all, 't-3')]);
      await settled(none, 'p-1');
      assert.deepEqual([noted(some), noted(all), noted(none)], [['t-1', 't-3'], ['t-1', 't-2', 't-3'], []]);
    },
  },
  {
    name: 'active is of the threads that are read',
    reason: 'section 1, active: in the threads of the reading',
    async run(seat) {
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      await notes(seat, ['a'], 't-2');
      const client = await seat.enter({ threads: ['t-2'] });
      assert.equal(Number((await client.welcomed()).position.split('.')[1]), 2);
      await run.completed();
    },
  },
  {
    name: 'other threads are asked for by `threads`, and each is answered by one `reading`, in order',
    reason: 'section 3, reading, and section 4.2, Changing threads',
    async run(seat) {
      const client = await seat.enter({ threads: ['t-1'] });
      const { position } = await client.welcomed();
      await notes(seat, ['one'], 't-1');
      await notes(seat, ['two'], 't-2');
      await hears(client, 'one');
      client.send({ type: 'threads', threads: ['t-2'], from: position });
      client.send({ type: 'threads', threads: [], from: 'active' });
      client.send({ type: 'threads', threads: null, from: position });
      await hears(client, 'two');
      const readings = client.frames.flatMap((frame) => (frame.type === 'reading' ? [frame] : []));
      assert.deepEqual(
        readings.map(({ threads }) => threads),
        [['t-2'], [], null],
      );
      for (const one of readings) {
        assert.match(one.position, positionShape);
        assert.ok(Number.isInteger(one.head));
      }
      const last = client.frames.lastIndexOf(readings[2] as (typeof client.frames)[number]);
      await settled(client, 'p-1');
      const after = client.frames
        .slice(last)
        .filter(isEvent)
        .map(({ data }) => data as unknown);
      assert.deepEqual(after, ['one', 'two']);
    },
  },
  {
    name: 'no more than the window is sent unacknowledged, and an ack makes room',
    reason: 'section 5: a slow reader costs no memory',
    async run(seat) {
      const client = await seat.enter({ acks: 'manual' });
      const big = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(10_000)}`);
      await notes(seat, big);
      await settled(client, 'p-1');
      const sent = () => client.wire.filter(({ opcode, payload }) => opcode === 1 && payload.includes('"offset":'));
      const bytes = sent().reduce((sum, { payload }) => sum + payload.length, 0);
      assert.ok(
        bytes <= windowBytes + 11_000,
        `${bytes} bytes came without an ack, more than the window of ${windowBytes}`,
      );
      assert.ok(sent().length > 0, 'the window should be used');
      while (noted(client).length < 40) {
        const count = noted(client).length;
        client.send({ type: 'ack', position: positionAfter(client, eventsOf(client).at(-1) as never) });
        await client.find(() => noted(client).length > count);
      }
      assert.deepEqual(noted(client), big);
    },
  },
  {
    name: 'an ack of another epoch is ignored, and one without acks=1 does no harm',
    reason: 'section 5',
    async run(seat) {
      const [promised, silent] = [await seat.enter({ acks: 'manual' }), await seat.enter()];
      await notes(seat, ['a']);
      const event = await hears(promised, 'a');
      await hears(silent, 'a');
      promised.send({ type: 'ack', position: 'elsewhere.999.00000000' });
      promised.send({ type: 'ack', position: positionAfter(promised, event).replace(/[^.]+$/, 'ffffffff') });
      silent.send({ type: 'ack', position: positionAfter(silent, event) });
      await settled(promised, 'p-1');
      await settled(silent, 'p-1');
    },
  },
  {
    name: 'an ack of what was never sent is 4400',
    reason: 'section 5: one beyond what this session was sent',
    async run(seat) {
      const client = await seat.enter({ acks: 'manual' });
      const { position } = await client.welcomed();
      client.send({ type: 'ack', position: position.replace(/\.\d+\./, '.7.') });
      await expectClose(client, 4400);
    },
  },
];
