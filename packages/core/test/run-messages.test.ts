// What a user says to a run at work: read by the run, in order, each once.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../src/options.js';
import { RunMessages } from '../src/run-messages.js';
import { hasSettled } from './elapse.js';

const messageOf = (id: string): IncomingMessage => ({ id, thread_id: 't', run_id: 'r', data: null });

/** Messages for a run, and what their senders were told. */
function makeMessages(most = 100) {
  const messages = new RunMessages(most);
  const settled: [string, boolean][] = [];
  const offer = (id: string) => messages.offer(messageOf(id), (read) => void settled.push([id, read]));
  return { messages, settled, offer };
}

/** Reads until there is no more, or until `most` were read. */
async function read(messages: AsyncIterable<IncomingMessage>, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const ids: string[] = [];
  if (most === 0) return ids;
  for await (const { id } of messages) {
    ids.push(id);
    if (ids.length === most) break;
  }
  return ids;
}

test('come in the order in which they were said, whether the run waits for them or they for the run', async () => {
  const { messages, settled, offer } = makeMessages();
  for (const id of ['m-1', 'm-2']) expect(offer(id)).toBe('taken');
  expect(settled).toEqual([]);
  const all = read(messages);
  await hasSettled(all);
  for (const id of ['m-3', 'm-4']) expect(offer(id)).toBe('taken');
  await hasSettled(all);
  messages.end();
  expect(await all).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
  expect(settled).toEqual(['m-1', 'm-2', 'm-3', 'm-4'].map((id) => [id, true]));
});

test('are shared by several loops: each goes to one of them', async () => {
  const { messages, offer } = makeMessages();
  const loops = [read(messages), read(messages), read(messages)];
  const ids = Array.from({ length: 30 }, (_, index) => `m-${index}`);
  for (const id of ids) {
    offer(id);
    if (id.endsWith('5')) await hasSettled(loops[0] as Promise<unknown>);
  }
  await hasSettled(loops[0] as Promise<unknown>);
  messages.end();
  const heard = (await Promise.all(loops)).flat();
  expect(heard.toSorted()).toEqual(ids.toSorted());
  expect(heard).toHaveLength(30);
});

test('wait for a loop that was left and is entered again', async () => {
  const { messages, offer } = makeMessages();
  for (const id of ['m-1', 'm-2', 'm-3']) offer(id);
  expect(await read(messages, 1)).toEqual(['m-1']);
  offer('m-4');
  expect(await read(messages, 2)).toEqual(['m-2', 'm-3']);
  const again = read(messages, 1);
  expect(await again).toEqual(['m-4']);
});

test('are not taken by a loop that was left while it waited: whoever comes next reads them', async () => {
  const { messages, settled, offer } = makeMessages();
  const [impatient, other] = [messages[Symbol.asyncIterator](), messages[Symbol.asyncIterator]()];
  const waiting = [impatient.next(), impatient.next()];
  const patient = other.next();
  expect(await impatient.return?.()).toEqual({ value: undefined, done: true });
  for (const next of waiting) expect(await next).toEqual({ value: undefined, done: true });
  offer('m-1');
  offer('m-2');
  expect((await patient).value).toEqual(messageOf('m-1'));
  expect(settled).toEqual([['m-1', true]]);
  expect(await read(messages, 1)).toEqual(['m-2']);
});

describe('an end', () => {
  test('ends every loop, those that wait and those that begin later', async () => {
    const { messages } = makeMessages();
    const loops = [read(messages), read(messages)];
    await hasSettled(loops[0] as Promise<unknown>);
    messages.end();
    expect(await Promise.all([...loops, read(messages)])).toEqual([[], [], []]);
  });

  test('tells the senders of what was not read, once, and nothing is taken any more', () => {
    const { messages, settled, offer } = makeMessages();
    offer('m-1');
    offer('m-2');
    messages.end();
    messages.end();
    expect(settled).toEqual([
      ['m-1', false],
      ['m-2', false],
    ]);
    expect(offer('m-3')).toBe('over');
    expect(settled).toHaveLength(2);
  });
});

test('only so many wait; there is room again once one was read', async () => {
  const { messages, settled, offer } = makeMessages(2);
  expect(['m-1', 'm-2', 'm-3'].map(offer)).toEqual(['taken', 'taken', 'full']);
  expect(await read(messages, 1)).toEqual(['m-1']);
  expect(['m-4', 'm-5'].map(offer)).toEqual(['taken', 'full']);
  expect(settled).toEqual([['m-1', true]]);
});

test('R18: who waits takes nobody a place, though nothing may wait', async () => {
  const { messages, offer } = makeMessages(1);
  const all = read(messages, 3);
  for (const id of ['m-1', 'm-2', 'm-3']) {
    expect(offer(id)).toBe('taken');
    await hasSettled(all);
  }
  expect(await all).toEqual(['m-1', 'm-2', 'm-3']);
});

test('R13: whatever loops come and go, each message taken is read once or its sender is told', async () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.constant('offer' as const) },
    { weight: 3, arbitrary: fc.constant('ask' as const) },
    { weight: 1, arbitrary: fc.constant('leave' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(action, fc.nat({ max: 2 })), { maxLength: 40 }), async (actions) => {
      const { messages, settled, offer } = makeMessages(5);
      let loops = [0, 1, 2].map(() => messages[Symbol.asyncIterator]());
      const asked: Promise<IteratorResult<IncomingMessage, undefined>>[] = [];
      const taken: string[] = [];
      for (const [at, [what, who]] of actions.entries()) {
        const id = `m-${at}`;
        if (what === 'offer' && offer(id) === 'taken') taken.push(id);
        else if (what === 'ask') asked.push((loops[who] as (typeof loops)[0]).next());
        else if (what === 'leave') {
          await loops[who]?.return?.();
          loops = loops.with(who, messages[Symbol.asyncIterator]());
        }
      }
      messages.end();
      const read = (await Promise.all(asked)).flatMap(({ value }) => (value ? [value.id] : []));
      const told = settled.flatMap(([id, wasRead]) => (wasRead ? [] : [id]));
      // Questions are answered in the order in which they were asked, so what was read is the beginning of what was taken.
      expect([...read, ...told]).toEqual(taken);
      expect(settled.map(([id]) => id)).toEqual(taken);
    }),
    { numRuns: 500 },
  );
});
