import type { WelcomeFrame } from '@throughline/events/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClientError } from '../src/errors.js';
import { createOutbox } from '../src/outbox.js';
import { createClock } from './clock.js';
import { at } from './script.js';

type Sent = { readonly type: string; readonly id: string; readonly data?: unknown };

function setUp() {
  const clock = createClock();
  const sent: Sent[] = [];
  const faults: ClientError[] = [];
  let expired = 0;
  const outbox = createOutbox(
    clock,
    (text) => sent.push(JSON.parse(text) as Sent),
    () => expired++,
    (fault) => faults.push(fault),
  );
  return {
    clock,
    outbox,
    sent,
    faults,
    get expired() {
      return expired;
    },
    welcome: (epoch?: string, max_frame_bytes = 1_000) =>
      outbox.connect({ position: at(0, epoch), max_frame_bytes } as WelcomeFrame),
    accept: (id = sent.at(-1)?.id as string) => outbox.answered({ type: 'accepted', id }),
    refuse: (code: string, id = sent.at(-1)?.id as string) =>
      outbox.answered({ type: 'error', id, code, message: 'no' }),
    say: (data: unknown) => outbox.send({ thread_id: 't-1', data }),
  };
}

test('what is said offline is sent once there is a connection, in order, one after the other', async () => {
  const { say, welcome, accept, sent } = setUp();
  const said = ['a', 'b', 'c'].map(say);
  expect(sent).toEqual([]);
  welcome();
  expect(sent.map(({ data }) => data)).toEqual(['a']);
  accept();
  accept();
  expect(sent.map(({ data }) => data)).toEqual(['a', 'b', 'c']);
  accept();
  await Promise.all(said.map(({ accepted }) => accepted));
  expect(sent.map(({ id }) => id)).toEqual(said.map(({ id }) => id));
});

test('until accepted it is sent again on each connection, under the same id', async () => {
  const { say, welcome, outbox, accept, sent } = setUp();
  welcome();
  const { id, accepted } = say('a');
  outbox.connect();
  welcome();
  outbox.connect();
  welcome();
  expect(sent.map((frame) => frame.id)).toEqual([id, id, id]);
  accept();
  outbox.connect();
  welcome();
  expect(sent).toHaveLength(3);
  await accepted;
});

test('it is sent as it was when it was said', () => {
  const { outbox, welcome, sent } = setUp();
  const data = { text: 'a' };
  outbox.send({ thread_id: 't-1', data });
  data.text = 'b';
  welcome();
  expect(sent).toEqual([{ type: 'message', id: expect.any(String), thread_id: 't-1', data: { text: 'a' } }]);
});

test('ids are unique and legal', () => {
  const { outbox } = setUp();
  const ids = Array.from({ length: 100 }, () => outbox.send({ thread_id: 't', data: 1 }).id);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[!-~]{1,128}$/);
});

test('no id where crypto.randomUUID is missing would be no id on a LAN: it is not used', () => {
  const { outbox } = setUp();
  const { randomUUID } = crypto;
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  try {
    expect(outbox.send({ thread_id: 't', data: 1 }).id).toBeTruthy();
  } finally {
    Object.defineProperty(crypto, 'randomUUID', { value: randomUUID, configurable: true });
  }
});

test.each([
  [{ thread_id: '', data: 1 }],
  [{ thread_id: 'a b', data: 1 }],
  [{ thread_id: 't', run_id: '', data: 1 }],
  [{ thread_id: 't', run_id: 'a b', data: 1 }],
  [{ thread_id: 't', data: undefined }],
  [{ thread_id: 't', data: () => {} }],
  [{ thread_id: 't', data: { count: 1n } }],
])('%o would be an illegal frame and is refused at once', (message) => {
  const { outbox, welcome, sent } = setUp();
  welcome();
  expect(() => outbox.send(message)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }));
  expect(() => outbox.cancel('')).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }));
  expect(sent).toEqual([]);
});

test('the 101st that waits is refused, and there is room again when one is accepted', async () => {
  const { say, welcome, accept } = setUp();
  for (let count = 0; count < 100; count++) say(count);
  await expect(say('one more').accepted).rejects.toMatchObject({ code: 'TOO_MANY_UNSENT' });
  welcome();
  accept();
  const { accepted } = say('now');
  for (let count = 0; count < 100; count++) accept();
  await accepted;
});

test('what waited for more than 12 hours is not sent any more', async () => {
  const { clock, say, welcome, sent } = setUp();
  const old = say('old').accepted;
  clock.advance(12 * 3_600_000);
  const young = say('young');
  clock.advance(1);
  welcome();
  await expect(old).rejects.toMatchObject({ code: 'MESSAGE_TOO_OLD' });
  expect(sent.map(({ id }) => id)).toEqual([young.id]);
});

test('what the service would not read is refused here, counted in bytes, and holds up nothing', async () => {
  const { say, welcome, sent, outbox } = setUp();
  const early = say('ü'.repeat(500)).accepted;
  const fine = say('u'.repeat(500));
  welcome();
  await expect(early).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  expect(sent.map(({ id }) => id)).toEqual([fine.id]);
  outbox.connect();
  await expect(say('ü'.repeat(500)).accepted).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
});

test.each(['MESSAGE_TOO_MANY', 'STORE_UNAVAILABLE'])('%s is tried again later, and keeps its place', async (code) => {
  const { clock, say, welcome, accept, refuse, sent } = setUp();
  const [first, second] = [say('first'), say('second')];
  welcome();
  refuse(code);
  expect(sent).toHaveLength(1);
  clock.advance(250);
  refuse(code);
  clock.advance(499);
  expect(sent.map(({ id }) => id)).toEqual([first.id, first.id]);
  clock.advance(1);
  accept();
  accept();
  await Promise.all([first.accepted, second.accepted]);
  expect(sent.map(({ data }) => data)).toEqual(['first', 'first', 'first', 'second']);
});

test('R14: TOKEN_EXPIRED asks for a token and is tried again after the refresh', async () => {
  const bench = setUp();
  const { outbox, say, welcome, accept, refuse, sent, clock } = bench;
  welcome();
  const { accepted } = say('a');
  const cancelled = outbox.cancel('r-1');
  refuse('TOKEN_EXPIRED', sent[0]?.id);
  refuse('TOKEN_EXPIRED', sent[1]?.id);
  expect(bench.expired).toBe(2);
  clock.advance(60_000);
  expect(sent).toHaveLength(2);
  outbox.retry();
  expect(sent).toHaveLength(4);
  accept(sent[0]?.id);
  accept(sent[1]?.id);
  await Promise.all([accepted, cancelled]);
});

test.each(['MESSAGE_INVALID', 'MESSAGE_UNSUPPORTED', 'SOMETHING_NEW'])(
  '%s is final, and the next goes out',
  async (code) => {
    const { say, welcome, refuse, sent } = setUp();
    const { id, accepted } = say('a');
    const next = say('b');
    welcome();
    refuse(code);
    await expect(accepted).rejects.toMatchObject({ name: 'ClientError', code, message: 'no', id });
    expect(sent.at(-1)?.id).toBe(next.id);
  },
);

test('HANDLER_FAILED comes after the verdict: it is a fault', async () => {
  const { say, welcome, accept, refuse, faults } = setUp();
  welcome();
  const { id, accepted } = say('a');
  accept();
  await accepted;
  refuse('HANDLER_FAILED', id);
  expect(faults).toMatchObject([{ code: 'HANDLER_FAILED', id }]);
});

test('a message to a run does not wait for those that may wait for that run; among themselves they stay in order', async () => {
  const { outbox, say, welcome, accept, sent } = setUp();
  welcome();
  say('first');
  say('second');
  const answers = ['yes', 'no'].map((data) => outbox.send({ thread_id: 't-1', run_id: 'r-1', data }));
  expect(sent.map(({ data }) => data)).toEqual(['first', 'yes']);
  expect(sent[1]).toEqual({ type: 'message', id: answers[0]?.id, thread_id: 't-1', run_id: 'r-1', data: 'yes' });
  expect(sent[0]).not.toHaveProperty('run_id');
  accept(answers[0]?.id);
  expect(sent.map(({ data }) => data)).toEqual(['first', 'yes', 'no']);
  accept(answers[1]?.id);
  await Promise.all(answers.map(({ accepted }) => accepted));
  // After a cut both kinds go out again, each in its order.
  const third = outbox.send({ thread_id: 't-1', run_id: 'r-2', data: 'third' });
  outbox.connect();
  welcome();
  expect(sent.slice(3).map(({ data }) => data)).toEqual(['third', 'first', 'third']);
  accept(third.id);
  accept(sent[0]?.id);
  expect(sent.at(-1)?.data).toBe('second');
});

test('a message to a run that is none rejects, also when it was sent before', async () => {
  const { outbox, welcome, refuse, sent } = setUp();
  welcome();
  const unknown = outbox.send({ thread_id: 't-1', run_id: 'r-1', data: 'a' });
  refuse('RUN_UNKNOWN');
  await expect(unknown.accepted).rejects.toMatchObject({ code: 'RUN_UNKNOWN', id: unknown.id });
  const again = outbox.send({ thread_id: 't-1', run_id: 'r-1', data: 'b' });
  outbox.connect();
  welcome();
  expect(sent).toHaveLength(3);
  refuse('RUN_UNKNOWN');
  await expect(again.accepted).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
});

test('RUN_ENDED comes after the verdict: it is a fault with the id of the message', async () => {
  const { outbox, welcome, accept, refuse, faults } = setUp();
  welcome();
  const { id, accepted } = outbox.send({ thread_id: 't-1', run_id: 'r-1', data: 'a' });
  accept();
  await accepted;
  refuse('RUN_ENDED', id);
  expect(faults).toMatchObject([{ code: 'RUN_ENDED', id }]);
});

test('another epoch: what was sent has an unknown fate, what was not is sent', async () => {
  const { say, welcome, outbox, sent } = setUp();
  welcome('one');
  const [first, second] = [say('first'), say('second')];
  outbox.connect();
  welcome('two');
  await expect(first.accepted).rejects.toMatchObject({ code: 'FATE_UNKNOWN' });
  expect(sent.map(({ id }) => id)).toEqual([first.id, second.id]);
});

test('another epoch: what the old one refused for now is known not to be stored', () => {
  const { say, welcome, outbox, refuse, sent } = setUp();
  welcome('one');
  const { id } = say('a');
  refuse('STORE_UNAVAILABLE');
  outbox.connect();
  welcome('two');
  expect(sent.map((frame) => frame.id)).toEqual([id, id]);
});

test('a cancel overtakes messages and survives a reconnect', async () => {
  const { outbox, say, welcome, accept, sent } = setUp();
  welcome();
  say('a');
  say('b');
  const cancelled = outbox.cancel('r-1');
  expect(sent.map(({ type }) => type)).toEqual(['message', 'cancel']);
  const { id } = sent[1] as Sent;
  outbox.connect();
  welcome();
  expect(sent[3]).toEqual({ type: 'cancel', id, run_id: 'r-1' });
  accept(id);
  await cancelled;
});

test('a cancel of a run that is unknown rejects; asked again because the answer was lost, it is done', async () => {
  const { outbox, welcome, refuse, sent } = setUp();
  welcome();
  const unknown = outbox.cancel('r-1');
  refuse('RUN_UNKNOWN');
  await expect(unknown).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  const again = outbox.cancel('r-2');
  outbox.connect();
  welcome();
  expect(sent).toHaveLength(3);
  refuse('RUN_UNKNOWN');
  await expect(again).resolves.toBeUndefined();
});

test('a cancel that was refused for now and then meets no run was never passed on', async () => {
  const { outbox, welcome, refuse } = setUp();
  welcome();
  const cancelled = outbox.cancel('r-1');
  refuse('TOKEN_EXPIRED');
  outbox.retry();
  refuse('RUN_UNKNOWN');
  await expect(cancelled).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
});

test('nothing is sent, and no timer left, without a connection', () => {
  const { clock, outbox, say, welcome, refuse, sent } = setUp();
  welcome();
  say('a');
  refuse('STORE_UNAVAILABLE');
  outbox.connect();
  expect(clock.pending).toEqual([]);
  say('b');
  outbox.retry();
  expect(sent).toHaveLength(1);
});

test('S8: whatever is cut, refused for now or answered late, messages are stored once, in order', () => {
  const step = fc.constantFrom('say', 'cut', 'welcome', 'store', 'answer', 'lose answer', 'refuse', 'wait');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { clock, say, welcome, outbox, sent } = setUp();
      // A service: it stores what it is sent unless it refuses, remembers ids, and answers later or never.
      const stored: string[] = [];
      const said: string[] = [];
      let answers: (() => void)[] = [];
      let read = 0;
      let open = false;
      const perform = {
        say: () => said.push(say(said.length).id),
        cut() {
          open = false;
          answers = [];
          outbox.connect();
        },
        welcome() {
          if (open) return;
          open = true;
          welcome();
        },
        store() {
          const frame = sent[read];
          if (!frame) return;
          read++;
          if (!stored.includes(frame.id)) stored.push(frame.id);
          if (open) answers.push(() => outbox.answered({ type: 'accepted', id: frame.id }));
        },
        answer: () => answers.shift()?.(),
        'lose answer'() {
          if (answers.shift()) perform.cut();
        },
        refuse() {
          const frame = sent[read];
          if (!frame || !open || stored.includes(frame.id)) return;
          read++;
          answers.push(() =>
            outbox.answered({ type: 'error', id: frame.id, code: 'STORE_UNAVAILABLE', message: 'later' }),
          );
        },
        wait: () => clock.advance(1_000),
      };
      for (const one of steps) perform[one]();
      perform.cut();
      perform.welcome();
      while (read < sent.length) {
        perform.store();
        perform.answer();
      }
      expect(stored).toEqual(said);
    }),
    { numRuns: 500 },
  );
});
