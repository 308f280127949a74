// PROTOCOL.md, section 6: what clients say, and what becomes of it.
import assert from 'node:assert/strict';
import type { RawClient } from '../raw-client.js';
import type { ProtocolRule, ProtocolSeat } from './protocol-seat.js';
import { answer, settled } from './protocol-words.js';

function say(client: RawClient, id: string, data: unknown, more: object = {}): void {
  client.send({ type: 'message', id, thread_id: 't-1', data, ...more });
}

/** What the handler was given, once it has been given this. */
async function heardUpTo({ agent, user, enter }: ProtocolSeat, id: string): Promise<unknown[]> {
  const witness = await enter();
  for (let asked = 0; asked < 1_000 && !agent.heard(user).some((message) => message.id === id); asked += 1) {
    await settled(witness, `w-${asked}`);
  }
  return agent.heard(user).map((message) => message.id);
}

/** Once the user has read that the run has ended. */
async function outcomeOf(client: RawClient, run_id: string): Promise<unknown> {
  const end = await client.find((frame) => frame.type === 'agent_completed' && frame.run_id === run_id);
  return (end as { readonly data?: { readonly outcome?: string } }).data?.outcome;
}

export const speaking: readonly ProtocolRule[] = [
  {
    name: 'a message is accepted by its id, and reaches the handler as it was said',
    reason: 'section 3, accepted',
    async run(seat) {
      const client = await seat.enter();
      const data = { text: '½ 中🧿 " \\ \u2028', list: [1, null, { deep: true }] };
      say(client, 'm-1', data);
      assert.equal((await answer(client, 'm-1')).type, 'accepted');
      await heardUpTo(seat, 'm-1');
      assert.deepEqual([...seat.agent.heard(seat.user)], [{ id: 'm-1', thread_id: 't-1', data }]);
    },
  },
  {
    name: 'a message that is accepted is handled at most once, on whatever connection it comes again',
    reason: 'section 6: a known id is accepted again, and not handled again',
    async run(seat) {
      const [first, second] = [await seat.enter(), await seat.enter()];
      say(first, 'm-1', 'once');
      say(first, 'm-1', 'twice');
      await answer(first, 'm-1');
      say(second, 'm-1', 'thrice');
      assert.equal((await answer(second, 'm-1')).type, 'accepted');
      first.cut();
      const third = await seat.enter();
      say(third, 'm-1', 'again');
      assert.equal((await answer(third, 'm-1')).type, 'accepted');
      say(third, 'm-2', 'last');
      assert.deepEqual(await heardUpTo(seat, 'm-2'), ['m-1', 'm-2']);
    },
  },
  {
    name: 'two users may choose one id',
    reason: 'section 6: the ids of a user’s messages',
    async run(seat) {
      const bob = seat.other('bob');
      const [hers, his] = [await seat.enter(), await seat.enter({}, bob)];
      say(hers, 'm-1', 'hers');
      say(his, 'm-1', 'his');
      await Promise.all([answer(hers, 'm-1'), answer(his, 'm-1')]);
      await heardUpTo(seat, 'm-1');
      await heardUpTo({ ...seat, user: bob }, 'm-1');
      assert.deepEqual(
        seat.agent.heard(seat.user).map(({ data }) => data),
        ['hers'],
      );
      assert.deepEqual(
        seat.agent.heard(bob).map(({ data }) => data),
        ['his'],
      );
    },
  },
  {
    name: 'messages of one thread are handled in order',
    reason: 'section 6',
    async run(seat) {
      const client = await seat.enter();
      const ids = Array.from({ length: 20 }, (_, index) => `m-${index}`);
      for (const id of ids) say(client, id, id);
      assert.deepEqual(await heardUpTo(seat, 'm-19'), ids);
    },
  },
  {
    name: 'data that its schema refuses is told by MESSAGE_INVALID, and not handled',
    reason: 'section 3, codes in error frames',
    needs: 'invalidData',
    async run(seat) {
      const client = await seat.enter();
      say(client, 'm-1', seat.subject.invalidData);
      const { type, code, message } = await answer(client, 'm-1');
      assert.deepEqual({ type, code }, { type: 'error', code: 'MESSAGE_INVALID' });
      assert.equal(typeof message, 'string');
      say(client, 'm-2', 'fine');
      assert.deepEqual(await heardUpTo(seat, 'm-2'), ['m-2']);
    },
  },
  {
    name: 'a handler that fails is told by HANDLER_FAILED, after accepted, and the connection goes on',
    reason: 'section 3, error: what fails after accepted is told once',
    needs: 'failingData',
    async run(seat) {
      const client = await seat.enter();
      say(client, 'm-1', seat.subject.failingData);
      await client.find((frame) => frame.type === 'error' && frame.id === 'm-1');
      await settled(client, 'p-1');
      const answers = client.frames.filter((frame) => 'id' in frame && frame.id === 'm-1');
      assert.deepEqual(
        answers.map((frame) => (frame.type === 'error' ? frame.code : frame.type)),
        ['accepted', 'HANDLER_FAILED'],
      );
    },
  },
  {
    name: 'a message for a run that this user has not is told by RUN_UNKNOWN',
    reason: 'section 3: the same answer for a run of somebody else, and section 6: it must name the thread of the run',
    async run(seat) {
      const [hers, his] = [await seat.enter(), await seat.enter({}, seat.other('bob'))];
      const { run_id, completed } = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      say(his, 'm-1', 'hello', { run_id });
      say(hers, 'm-2', 'hello', { run_id, thread_id: 't-2' });
      say(hers, 'm-3', 'hello', { run_id: 'nobody' });
      const answers = [await answer(his, 'm-1'), await answer(hers, 'm-2'), await answer(hers, 'm-3')];
      for (const { type, code } of answers) assert.deepEqual([type, code], ['error', 'RUN_UNKNOWN']);
      const words = new Set(answers.map(({ message }) => message));
      assert.equal(words.size, 1, 'the words should not tell a run of somebody else from none');
      await completed();
    },
  },
  {
    name: 'a message that a run did not read before it ended is told by RUN_ENDED',
    reason: 'section 3: it was accepted for a run',
    async run(seat) {
      const client = await seat.enter();
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      say(client, 'm-1', 'stop that', { run_id: run.run_id });
      assert.equal((await answer(client, 'm-1')).type, 'accepted');
      await run.completed();
      assert.equal((await client.find('error')).code, 'RUN_ENDED');
      assert.deepEqual([...seat.agent.heard(seat.user)], [], 'it is for the run, not for the handler');
    },
  },
  {
    name: 'a cancel is passed on, and the run ends as cancelled',
    reason: 'section 3, cancel',
    async run(seat) {
      const client = await seat.enter();
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      client.send({ type: 'cancel', id: 'c-1', run_id: run.run_id });
      assert.equal((await answer(client, 'c-1')).type, 'accepted');
      await Promise.race([run.cancelled, settledTooLate(client)]);
      await run.completed();
      assert.equal(await outcomeOf(client, run.run_id), 'cancelled');
      client.send({ type: 'cancel', id: 'c-2', run_id: run.run_id });
      assert.equal((await answer(client, 'c-2')).code, 'RUN_UNKNOWN');
    },
  },
  {
    name: 'nobody cancels the run of somebody else, or learns that there is one',
    reason: 'section 3, RUN_UNKNOWN: the same answer for a run of somebody else',
    async run(seat) {
      const [hers, his] = [await seat.enter(), await seat.enter({}, seat.other('bob'))];
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      his.send({ type: 'cancel', id: 'c-1', run_id: run.run_id });
      his.send({ type: 'cancel', id: 'c-2', run_id: 'nobody' });
      const [{ id: _, ...foreign }, { id: __, ...unknown }] = [await answer(his, 'c-1'), await answer(his, 'c-2')];
      assert.equal(foreign.code, 'RUN_UNKNOWN');
      assert.deepEqual(foreign, unknown);
      await run.completed();
      assert.equal(await outcomeOf(hers, run.run_id), 'succeeded');
    },
  },
];

/** A cancel is passed on before the answers to many pings: a run that has not heard of it by then never will. */
async function settledTooLate(client: RawClient): Promise<never> {
  for (let asked = 0; asked < 200; asked += 1) await settled(client, `late-${asked}`);
  throw new assert.AssertionError({ message: 'The run should hear of the cancel that was accepted.' });
}
