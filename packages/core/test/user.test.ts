import { expect, test } from 'vitest';
import type { NewEntry, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { type LiveSession, User } from '../src/user.js';
import { fakeScheduler } from './fake-scheduler.js';
import { makeRuntime } from './runtime.js';

/** A user whose turns end when a test says so. */
async function makeUser(maxPendingBytes = 1_048_576) {
  const turns: (() => void)[] = [];
  const scheduler = { ...fakeScheduler(), turn: (task: () => void) => void turns.push(task) };
  const memory = memoryLog({}, scheduler);
  const user = new User({ tenant_id: 'default', user_id: 'ada' }, makeRuntime(scheduler, memory, { maxPendingBytes }));
  const log = await user.open();
  const endTurn = () => {
    for (const task of turns.splice(0)) task();
  };
  return { user, log, turns, endTurn, scheduler };
}

function entry(bytes = 10): NewEntry {
  return {
    key: { tenant_id: 'default', user_id: 'ada' },
    body: `"data":"${'x'.repeat(bytes)}"}`,
    type: 'acme.note',
    thread_id: 't',
    ends: false,
  };
}

/** A session that notes how far the log was each time it was told to read. */
function makeSession(log: UserLog, id = 's-1', openedAt = 0) {
  const heads: number[] = [];
  const closes: string[] = [];
  const session: LiveSession = {
    id,
    openedAt,
    acks: true,
    readings: [{ epoch: log.epoch, threads: undefined, after: 0, sent: 0, acked: 0 }],
    grant: { id: '', revoked: false },
    closing: false,
    answered: true,
    probe: () => {},
    terminate: () => {},
    pump: () => void heads.push(log.head),
    close: (code, reason) => void closes.push(`${code} ${reason}`),
  };
  return { session, heads, closes };
}

test('the appends of a turn are one flush at its end, for each session', async () => {
  const { user, log, turns, endTurn } = await makeUser();
  const sessions = [makeSession(log), makeSession(log)];
  for (const { session } of sessions) user.join(session, log);
  for (let count = 0; count < 10; count++) void user.append(log, [entry()]);
  expect(turns).toHaveLength(1);
  for (const { heads } of sessions) expect(heads).toEqual([]);
  endTurn();
  for (const { heads } of sessions) expect(heads).toEqual([10]);
  void user.append(log, [entry()]);
  endTurn();
  for (const { heads } of sessions) expect(heads).toEqual([10, 11]);
});

test('what somebody else appends to the log wakes the sessions as well', async () => {
  const { user, log, endTurn } = await makeUser();
  const { session, heads } = makeSession(log);
  user.join(session, log);
  void log.append([entry()]);
  endTurn();
  expect(heads).toEqual([1]);
});

test('what is appended while a turn ends is read at the end of the next', async () => {
  const { user, log, turns, endTurn } = await makeUser();
  const { session, heads } = makeSession(log);
  let appended = false;
  const pump = () => {
    session.pump();
    if (!appended) void user.append(log, [entry()]);
    appended = true;
  };
  user.join({ ...session, pump }, log);
  void user.append(log, [entry()]);
  endTurn();
  expect(heads).toEqual([1]);
  expect(turns).toHaveLength(1);
  endTurn();
  expect(heads).toEqual([1, 2]);
});

test('what was flushed before the end of a turn is not read again there; what followed it is', async () => {
  const { user, log, turns, endTurn } = await makeUser();
  const { session, heads } = makeSession(log);
  user.join(session, log);
  void user.append(log, [entry()]);
  user.flush();
  expect(heads).toEqual([1]);
  endTurn();
  expect(heads).toEqual([1]);
  void user.append(log, [entry()]);
  user.flush();
  void user.append(log, [entry()]);
  void user.append(log, [entry()]);
  expect(turns).toHaveLength(1);
  endTurn();
  expect(heads).toEqual([1, 2, 4]);
});

test('a session that left is told nothing more, and the last one takes the subscription with it', async () => {
  const { user, log, turns, endTurn } = await makeUser();
  const [one, two] = [makeSession(log), makeSession(log)];
  user.join(one.session, log);
  user.join(two.session, log);
  user.leave(one.session, 1000);
  void log.append([entry()]);
  endTurn();
  expect([one.heads, two.heads]).toEqual([[], [1]]);
  user.leave(two.session, 1000);
  void log.append([entry()]);
  expect(turns).toEqual([]);
  user.join(one.session, log);
  void log.append([entry()]);
  endTurn();
  expect(one.heads).toEqual([3]);
});

test('64 KiB are flushed at once, and whoever sent the last of them waits for the turn', async () => {
  const { user, log, endTurn } = await makeUser();
  const { session, heads } = makeSession(log);
  user.join(session, log);
  let goes = 0;
  for (; user.yielded() === undefined; goes++) void user.append(log, [entry(1_000)]);
  expect(goes).toBeGreaterThan(60);
  expect(goes).toBeLessThan(67);
  expect(heads).toEqual([goes]);
  void user.append(log, [entry(70_000)]);
  let went = false;
  void user.yielded()?.then(() => {
    went = true;
  });
  await Promise.resolve();
  expect(went).toBe(false);
  endTurn();
  await Promise.resolve();
  expect(went).toBe(true);
});

test('a producer has so many bytes per turn', async () => {
  const { user, log, endTurn } = await makeUser(10_000);
  void user.append(log, [entry(11_000)]);
  expect(() => user.admit()).toThrow(expect.objectContaining({ code: 'PRODUCER_TOO_FAST' }));
  endTurn();
  expect(() => user.admit()).not.toThrow();
});

test('R14: a revocation closes every session with 4401 and counts them', async () => {
  const { user, log } = await makeUser();
  const sessions = [makeSession(log), makeSession(log)];
  for (const { session } of sessions) user.join(session, log);
  expect(user.revoke()).toBe(2);
  for (const { closes } of sessions) expect(closes).toEqual(['4401 signed out']);
});

test('how long a user was away is known of the session that ended it, and of no other', async () => {
  const { user, log, scheduler } = await makeUser();
  const comes = (id: string) => {
    const { session } = makeSession(log, id, scheduler.now());
    user.join(session, log);
    return session;
  };
  const first = comes('s-1');
  scheduler.advance(10_000);
  expect(user.returned('s-1')).toBeUndefined();
  const beside = comes('s-2');
  user.leave(first, 1000);
  scheduler.advance(5_000);
  user.leave(beside, 1006);
  scheduler.advance(7_000);
  const back = comes('s-3');
  expect(user.returned('s-3')).toBe(7_000);
  comes('s-4');
  expect(['s-1', 's-2', 's-4'].map((id) => user.returned(id))).toEqual([undefined, undefined, undefined]);
  // Told once: what the session does later is no return.
  expect(user.returned('s-3')).toBeUndefined();
  expect(back.closing).toBe(false);
});

test('a clock that is set back makes no absence negative', async () => {
  const { user, log, scheduler } = await makeUser();
  const { session } = makeSession(log, 's-1', scheduler.now());
  user.join(session, log);
  user.leave(session, 1006);
  user.join(makeSession(log, 's-2', scheduler.now() - 3_600_000).session, log);
  expect(user.returned('s-2')).toBe(0);
});

test('a session that closed before anybody asked is in the receipts too', async () => {
  const { user, log } = await makeUser();
  const { session } = makeSession(log, 's-1');
  user.join(session, log);
  user.acknowledged(session);
  user.leave(session, 1006);
  expect(user.receipts.sessions).toMatchObject([{ id: 's-1', code: 1006 }]);
});

test('the sessions of a user are in its receipts, while they are open and after', async () => {
  const { user, log } = await makeUser();
  const [one, two] = [makeSession(log, 's-1').session, makeSession(log, 's-2').session];
  user.join(one, log);
  user.join(two, log);
  expect(user.receipts.list().map(({ session_id }) => session_id)).toEqual(['s-1', 's-2']);
  user.leave(one, 1006);
  expect(user.receipts.list().map(({ session_id }) => session_id)).toEqual(['s-2']);
  expect(user.receipts.sessions).toMatchObject([{ id: 's-2' }, { id: 's-1', code: 1006 }]);
});
