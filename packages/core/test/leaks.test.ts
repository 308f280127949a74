// The canary: leaks planted where a bug could plant them. Nothing crosses, the session ends, the service says so.
import { describe, expect, test } from 'vitest';
import { envelopeOf, isOf } from '../src/envelope.js';
import { isThroughlineError } from '../src/errors.js';
import type { EventLog, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { startService } from './running-service.js';

const secret = 'what only Grace may read';

/** A memory log with a bug: for Ada it answers as `bug` says, with Grace's log at hand. */
function brokenLog(bug: (ada: UserLog, grace: UserLog) => Partial<UserLog>): EventLog {
  const inner = memoryLog();
  return {
    open(key) {
      const log = inner.open(key) as UserLog;
      if (key.user_id !== 'ada') return log;
      const grace = inner.open({ ...key, user_id: 'grace' }) as UserLog;
      return new Proxy(log, {
        get: (_, name) => {
          const broken = bug(log, grace)[name as keyof UserLog];
          const value = broken ?? Reflect.get(log, name);
          return typeof value === 'function' ? value.bind(log) : value;
        },
      });
    },
    close: () => inner.close(),
  };
}

describe('S9 R4 a leak', () => {
  test('in the window: a log that reads from another one', async () => {
    const log = brokenLog((_, grace) => ({
      read: (after, maxBytes) => grace.read(after, maxBytes),
      get head() {
        return grace.head;
      },
    }));
    const { enter, managerOf, service, telemetry } = await startService({ log });
    const ada = await enter('ada');
    await (await managerOf('grace')).send('acme.note', { secret }, { thread_id: 't' });
    await (await managerOf('ada')).send('acme.note', { mine: 1 }, { thread_id: 't' });
    expect(await ada.closed).toMatchObject({ code: 1011 });
    expect(JSON.stringify(ada.frames)).not.toContain(secret);
    expect(telemetry).toContainEqual({ kind: 'leak', where: 'window', user_id: 'ada' });
    expect(service.health()).toMatchObject({
      level: 'unhealthy',
      reasons: ['stopped 1 leaks from one user to another'],
    });
  });

  test('in the log: an entry of one user on its way into the log of another', async () => {
    const log = brokenLog((_, grace) => ({ append: (batch) => grace.append(batch) }));
    const { enter, managerOf, service, telemetry } = await startService({ log });
    const grace = await enter('grace');
    const manager = await managerOf('ada');
    const refused = await manager.send('acme.note', { secret: 'of Ada' }, { thread_id: 't' }).catch((error) => error);
    expect(isThroughlineError(refused, 'LEAK_STOPPED')).toBe(true);
    await (await managerOf('grace')).send('acme.mark', {}, { thread_id: 't' });
    expect(await grace.until('acme.mark')).toMatchObject({ offset: 1 });
    expect(telemetry).toContainEqual({ kind: 'leak', where: 'log', user_id: 'ada' });
    expect(service.health().level).toBe('unhealthy');
  });

  test('in the sessions: a session that was handed the log of another user', async () => {
    const log = brokenLog((_, grace) => ({
      get key() {
        return grace.key;
      },
    }));
    const { connect, service, telemetry } = await startService({ log });
    const ada = await connect('ada');
    expect(await ada.closed).toMatchObject({ code: 1011 });
    expect(telemetry).toContainEqual({ kind: 'leak', where: 'session', user_id: 'ada' });
    expect(service.health().level).toBe('unhealthy');
  });

  test('is seen at any size of entry and offset, and between tenants', () => {
    const mine = { tenant_id: 'default', user_id: 'ada' };
    const keys = [mine, { ...mine, user_id: 'adam' }, { ...mine, user_id: 'ad' }, { ...mine, tenant_id: 'acme' }];
    for (const size of [0, 60_000, 70_000]) {
      const log = memoryLog();
      for (const owner of keys) {
        const user = log.open(owner) as UserLog;
        const tenant = owner.tenant_id === 'default' ? '' : `"tenant_id":"${owner.tenant_id}",`;
        const body = `"user_id":"${owner.user_id}",${tenant}"type":"acme.note","data":"${'x'.repeat(size)}"}`;
        for (let entry = 0; entry < 12; entry++) {
          void user.append([{ key: owner, body, type: 'acme.note', thread_id: 't', ends: false }]);
        }
        for (const offset of [1, 9, 10, 12]) {
          const slice = user.read(offset - 1, 1) as { bytes: Buffer };
          for (const reader of keys) {
            expect(isOf(envelopeOf(reader), slice.bytes)).toBe(reader === owner);
          }
        }
      }
      void log.close();
    }
  });
});

test('R8 a log that breaks its contract costs the connection, not the process', async () => {
  const log = brokenLog(() => ({
    get key(): never {
      throw new Error('a log without a key');
    },
  }));
  const { connect, enter, telemetry } = await startService({ log });
  expect(await (await connect('ada')).closed).toMatchObject({ code: 1006 });
  expect(telemetry).toContainEqual({ kind: 'fault', where: 'handshake', message: 'a log without a key' });
  expect(await enter('grace')).toBeDefined();
});
