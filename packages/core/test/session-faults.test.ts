// A log that fails one session: it is let go of, and neither its neighbours nor whoever sends to their user notice.
import { expect, test } from 'vitest';
import type { EventLog, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { type Hooks, hookedLog } from './hooked-log.js';
import { note, received } from './notes.js';
import { startService } from './running-service.js';

/** More than may wait for the end of a turn: it is read at once, and its producer waits. */
const flushed = 'x'.repeat(70_000);

test.each([
  ['while a large event is read at once', 1],
  ['at the end of the turn for which a producer waits', 3],
])('S9 R8: a log that gives nonsense %s costs one session', async (_, spoilt) => {
  const hooks: Hooks = {};
  const { enter, managerOf, service, telemetry } = await startService({ log: hookedLog(memoryLog(), hooks) });
  const [one, other] = [await enter('ada'), await enter('ada')];
  const manager = await managerOf('ada');
  let reads = 0;
  hooks.read = (answer) => {
    reads += 1;
    return reads === spoilt ? JSON.parse('null') : answer();
  };
  const large = note(manager, flushed);
  // Both have read it before the turn ends: what is sent now is read at its end.
  for (let step = 0; step < 100 && reads < 2; step++) await Promise.resolve();
  expect(reads).toBe(2);
  await Promise.all([large, note(manager)]);
  expect(await one.closed).toMatchObject({ code: 1011 });
  expect(one.offsets).toEqual(spoilt === 1 ? [] : [1]);
  expect(telemetry.filter(({ kind }) => kind === 'fault')).toHaveLength(1);
  await note(manager);
  expect(await received(other, 3)).toEqual([1, 2, 3]);
  await expect.poll(() => service.health().sessions).toBe(1);
});

/** A memory log to which nobody can subscribe while it fails. */
function deafLog(state: { fails: boolean }): EventLog {
  const inner = memoryLog();
  return {
    async open(key) {
      const log = await inner.open(key);
      const subscribe: UserLog['subscribe'] = (subscriber) => {
        if (state.fails) throw new Error('no channel is left');
        return log.subscribe(subscriber);
      };
      return new Proxy(log, {
        get(_, name) {
          if (name === 'subscribe') return subscribe;
          const value: unknown = Reflect.get(log, name);
          return typeof value === 'function' ? (value.bind(log) as unknown) : value;
        },
      });
    },
    close: () => inner.close(),
  };
}

test('R8: a session that cannot listen to its log is gone with its socket, and its user may come again', async () => {
  const state = { fails: true };
  const { connect, enter, managerOf, service, telemetry } = await startService({ log: deafLog(state) });
  const client = await connect('ada');
  expect(await client.closed).toMatchObject({ code: 1006 });
  expect(telemetry).toContainEqual({ kind: 'fault', where: 'handshake', message: 'no channel is left' });
  await expect.poll(() => service.health().sessions).toBe(0);
  expect(telemetry.map(({ kind }) => kind)).toEqual(['session_opened', 'fault', 'session_closed']);
  state.fails = false;
  const back = await enter('ada');
  await note(await managerOf('ada'));
  expect(await received(back, 1)).toEqual([1]);
  expect(service.health().sessions).toBe(1);
});
