import type { SentMessage, ThroughlineClient } from '@throughline/client';
import { expect, it } from 'vitest';
import { createOutbox } from '../src/page/outbox.js';

/** A client of which only sending is asked; the test says what becomes of each message. */
function sender() {
  const settle: { accept: () => void; refuse: (error: Error) => void }[] = [];
  const client = {
    send(): SentMessage {
      const id = `message-${settle.length + 1}`;
      const accepted = new Promise<void>((accept, refuse) => settle.push({ accept, refuse }));
      return { id, accepted };
    },
  } as Partial<ThroughlineClient> as ThroughlineClient;
  return { client, settle };
}

const states = ({ pending }: ReturnType<typeof createOutbox>) =>
  pending.map(({ text, state, reason }) => ({ text, state, reason }));
const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('shows what waits, in order, then what is accepted, until a run answers it', async () => {
  const { client, settle } = sender();
  const outbox = createOutbox(client, () => {});
  outbox.ask('thread-1', 'one');
  outbox.ask('thread-1', 'two');
  settle[0]?.accept();
  await microtasks();
  expect(states(outbox)).toEqual([
    { text: 'one', state: 'accepted', reason: undefined },
    { text: 'two', state: 'waiting', reason: undefined },
  ]);
  outbox.settle((message_id) => message_id === 'message-1');
  expect(states(outbox)).toEqual([{ text: 'two', state: 'waiting', reason: undefined }]);
});

it('keeps what was refused with its reason, and sends it again as a new message', async () => {
  const { client, settle } = sender();
  const outbox = createOutbox(client, () => {});
  outbox.ask('thread-1', 'one');
  settle[0]?.refuse(new Error('data.text: too long'));
  await microtasks();
  expect(states(outbox)).toEqual([{ text: 'one', state: 'failed', reason: 'data.text: too long' }]);
  outbox.again('message-1');
  expect(outbox.pending.map(({ message_id, state }) => [message_id, state])).toEqual([['message-2', 'waiting']]);
  outbox.again('message-2');
  expect(outbox.pending).toHaveLength(1);
});

it('says so when nobody knows whether it arrived', async () => {
  const { client, settle } = sender();
  const outbox = createOutbox(client, () => {});
  outbox.ask('thread-1', 'one');
  settle[0]?.refuse(Object.assign(new Error('unknown'), { code: 'FATE_UNKNOWN' }));
  await microtasks();
  expect(states(outbox)).toEqual([{ text: 'one', state: 'failed', reason: expect.stringContaining('is not known') }]);
});
