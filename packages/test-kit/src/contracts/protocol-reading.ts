// PROTOCOL.md, sections 3 and 4: what is read, and from where.
import assert from 'node:assert/strict';
import { isEvent } from '../frame.js';
import { history } from '../history.js';
import type { ProtocolRule, ProtocolSeat } from './protocol-seat.js';
import { epochOf, eventsOf, hears, noted, notes, positionAfter, positionShape, settled } from './protocol-words.js';

/** Leads a run through all five types. */
async function goldenRun({ agent, user }: ProtocolSeat, thread_id = 't-1'): Promise<string> {
  const run = await agent.startRun(user, { thread_id });
  await run.thinking('First I look.');
  await run.tool('sql');
  await run.text('Costs ');
  await run.text('fell.');
  await run.completed();
  return run.run_id;
}

/** A position that cannot be honoured is answered by welcome, then by a reset of this cause, then by what active has. */
async function expectReset(seat: ProtocolSeat, from: string, cause: string): Promise<void> {
  const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
  const client = await seat.enter({ from });
  const reset = await client.find('reset');
  assert.equal(reset.cause, cause);
  assert.match(reset.position, positionShape);
  assert.deepEqual(
    client.frames.slice(0, 2).map(({ type }) => type),
    ['welcome', 'reset'],
  );
  const first = await client.find(isEvent);
  assert.equal(
    Number(reset.position.split('.')[1]) + 1,
    (first as { offset: number }).offset,
    'reading goes on behind `position`',
  );
  assert.equal(first.type, 'agent_started');
  await run.completed();
}

export const reading: readonly ProtocolRule[] = [
  {
    name: 'a run is five types of events, numbered densely, each whole',
    reason: 'section 4: what a service promises, for each run',
    async run(seat) {
      const client = await seat.enter();
      const run_id = await goldenRun(seat);
      await client.find('agent_completed');
      const events = eventsOf(client);
      for (const event of events) {
        assert.deepEqual([event.user_id, event.run_id, event.thread_id], [seat.user, run_id, 't-1']);
        assert.match(event.mark, /^[0-9a-f]{8}$/);
        assert.match(event.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(typeof event.agent_name, 'string');
      }
      history(client).exactlyOnceInOrder().followsTheGoldenPath();
    },
  },
  {
    name: 'offsets are dense, whatever is said',
    reason: 'section 1, offset',
    async run(seat) {
      const client = await seat.enter();
      await notes(seat, ['a', 'b']);
      await goldenRun(seat, 't-2');
      await notes(seat, ['c']);
      await hears(client, 'c');
      const offsets = eventsOf(client).map(({ offset }) => offset);
      assert.deepEqual(
        offsets,
        offsets.map((_, index) => index + 1),
      );
    },
  },
  {
    name: 'every session of a user reads the same',
    reason: 'section 1, log: one sequence, one reader',
    async run(seat) {
      const clients = [await seat.enter(), await seat.enter({ acks: 'automatic' })];
      await goldenRun(seat);
      await notes(seat, ['last']);
      const [one, other] = await Promise.all(
        clients.map(async (client) => {
          await hears(client, 'last');
          return eventsOf(client);
        }),
      );
      assert.deepEqual(one, other);
    },
  },
  {
    name: 'nobody reads what is somebody else’s',
    reason: 'section 1, log: it has one reader, its user',
    async run(seat) {
      const [hers, his] = [await seat.enter(), await seat.enter({}, seat.other('bob'))];
      await notes(seat, ['a secret']);
      await goldenRun(seat);
      await seat.agent.note(seat.other('bob'), 't-1', 'for bob');
      await hears(his, 'for bob');
      await hers.find('agent_completed');
      history(his)
        .exactlyOnceInOrder()
        .isolatedFrom([{ user_id: seat.user }, history(hers), 'a secret']);
      assert.deepEqual(noted(his), ['for bob']);
    },
  },
  {
    name: 'a position of somebody else’s log opens nothing of it',
    reason: 'section 3, reset unknown_epoch',
    async run(seat) {
      await notes(seat, ['a secret']);
      const hers = await seat.enter({ from: 'active' });
      const { position } = await hers.welcomed();
      const his = await seat.enter({ from: position }, seat.other('bob'));
      assert.equal((await his.find('reset')).cause, 'unknown_epoch');
      assert.notEqual(epochOf((await his.welcomed()).position), epochOf(position));
      assert.deepEqual(eventsOf(his), []);
    },
  },
  {
    name: 'active opens at the head when no run is unfinished',
    reason: 'section 1, active',
    async run(seat) {
      await notes(seat, ['a', 'b']);
      await goldenRun(seat);
      const client = await seat.enter({ from: 'active' });
      const { position, head } = await client.welcomed();
      assert.equal(Number(position.split('.')[1]), head);
      await notes(seat, ['news']);
      await hears(client, 'news');
      assert.deepEqual(noted(client), ['news']);
    },
  },
  {
    name: 'active opens before the oldest unfinished run, and no `from` is active',
    reason: 'section 1, active: a page that is reloaded in mid-answer',
    async run(seat) {
      await notes(seat, ['a']);
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      await run.text('Costs ');
      for (const options of [{ from: 'active' }, {}]) {
        const client = await seat.enter(options);
        assert.equal((await client.find(isEvent)).type, 'agent_started');
        await client.find('partial_result');
        assert.deepEqual(noted(client), []);
      }
      await run.completed();
    },
  },
  {
    name: 'a position is resumed exactly behind its event, from wherever',
    reason: 'section 4.2: without a gap, without a repetition',
    async run(seat) {
      const first = await seat.enter();
      await notes(seat, ['a', 'b', 'c', 'd']);
      await hears(first, 'd');
      for (const [index, event] of eventsOf(first).entries()) {
        const from = positionAfter(first, event);
        const client = await seat.enter({ from });
        const { position, head } = await client.welcomed();
        assert.deepEqual({ position, head }, { position: from, head: 4 });
        await settled(client, 'p-1');
        if (index < 3) await hears(client, 'd');
        assert.deepEqual(noted(client), ['b', 'c', 'd'].slice(index));
      }
    },
  },
  {
    name: 'active and a position: whichever is earlier',
    reason: 'section 2, from',
    async run(seat) {
      const first = await seat.enter();
      await notes(seat, ['a', 'b']);
      const early = positionAfter(first, await hears(first, 'a'));
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      await run.text('Costs ');
      await notes(seat, ['c']);
      const late = positionAfter(first, await hears(first, 'c'));
      const [one, other] = [
        await seat.enter({ from: `active,${early}` }),
        await seat.enter({ from: `active,${late}` }),
      ];
      await Promise.all([hears(one, 'c'), hears(other, 'c')]);
      assert.deepEqual(noted(one), ['b', 'c']);
      assert.equal(eventsOf(other)[0]?.type, 'agent_started');
      await run.completed();
    },
  },
  ...(
    [
      ['unknown_epoch', (position: string) => position.replace(/^[^.]+/, 'elsewhere')],
      ['beyond_head', (position: string) => position.replace(/\.\d+\./, '.999.')],
      [
        'mark_mismatch',
        (position: string) => position.replace(/[^.]+$/, (mark) => (mark === '00000001' ? '00000002' : '00000001')),
      ],
    ] as const
  ).map(
    ([cause, spoil]): ProtocolRule => ({
      name: `a position that cannot be honoured is told by reset: ${cause}`,
      reason: 'section 3, causes of reset',
      async run(seat) {
        const first = await seat.enter();
        await notes(seat, ['a', 'b', 'c']);
        await expectReset(seat, spoil(positionAfter(first, await hears(first, 'b'))), cause);
      },
    }),
  ),
  {
    name: 'a position that cannot be honoured is told by reset: below_floor',
    reason: 'section 3, causes of reset: older than what the log still holds',
    needs: 'forgetful',
    async run(seat) {
      const first = await seat.enter();
      await notes(seat, ['a']);
      const from = positionAfter(first, await hears(first, 'a'));
      await notes(
        seat,
        Array.from({ length: 400 }, () => 'x'.repeat(200)),
      );
      await expectReset(seat, from, 'below_floor');
    },
  },
  {
    name: 'a log that is erased in mid-connection is told by reset: unknown_epoch, and reading goes on in the new one',
    reason: 'section 3, causes of reset: lagged and unknown_epoch can come at any time',
    needs: 'erase',
    async run(seat) {
      const client = await seat.enter();
      await notes(seat, ['a']);
      await hears(client, 'a');
      const before = epochOf((await client.welcomed()).position);
      await seat.subject.erase?.(seat.user);
      const reset = await client.find('reset');
      assert.equal(reset.cause, 'unknown_epoch');
      assert.notEqual(epochOf(reset.position), before);
      await notes(seat, ['b']);
      assert.equal((await hears(client, 'b')).offset, 1);
    },
  },
  {
    name: 'who comes late reads the same answer, joined or not',
    reason: 'section 4.1: folding the joined event gives what folding its parts gives',
    async run(seat) {
      const live = await seat.enter({ acks: 'automatic' });
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      for (let piece = 0; piece < 300; piece += 1) await run.text(`Piece ${piece}, ½ 中🧿. `);
      const late = await seat.enter({ acks: 'automatic' });
      await run.completed();
      await Promise.all([live, late].map((client) => client.find('agent_completed')));
      history(live).exactlyOnceInOrder();
      history(late).exactlyOnceInOrder().equalsUndisturbed(live);
    },
  },
];
