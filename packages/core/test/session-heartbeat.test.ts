// What a client hears when there is nothing to say, and what becomes of a peer that says nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aside } from './agent-events.js';
import { promises, rejects } from './hooked-log.js';
import { type RunningSession, runSessions } from './running-session.js';

const interval = 25_000;
/** Two rounds of ticks, in whole milliseconds. */
const pause = 24_986;

const heartbeatsOf = ({ frames }: RunningSession) => frames.filter(({ type }) => type === 'heartbeat');

/** The longest that nothing was said to a client. */
function longestSilence({ frames }: RunningSession, until: number): number {
  const times = [...frames.map(({ at }) => at), until];
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] as number)));
}

describe('S7: a heartbeat', () => {
  test('comes once per interval when nothing else does, with the place of this reader', async () => {
    const { enter, say, scheduler } = await runSessions();
    const client = await enter();
    const other = await enter({ threads: ['elsewhere'] });
    await say(aside('one'), aside('two'));
    const start = scheduler.now();
    await scheduler.pass(interval * 10);
    for (const session of [client, other]) {
      const heartbeats = heartbeatsOf(session);
      expect(heartbeats.length).toBeGreaterThanOrEqual(9);
      expect(heartbeats.length).toBeLessThanOrEqual(11);
      const times = heartbeats.map(({ at }) => at - start);
      expect(new Set(times.slice(1).map((at, index) => at - (times[index] as number)))).toEqual(new Set([pause]));
      expect(new Set(heartbeats.map(({ position }) => position)).size).toBe(1);
      expect(heartbeats[0]?.position).toMatch(/\.2\.[0-9a-f]{8}$/);
    }
  });

  test('does not come while other things do', async () => {
    const { enter, say, scheduler } = await runSessions();
    const client = await enter();
    for (let seconds = 0; seconds < 200; seconds += 10) {
      await say(aside('x'));
      await scheduler.pass(10_000);
    }
    expect(heartbeatsOf(client)).toEqual([]);
    expect(longestSilence(client, scheduler.now())).toBeLessThanOrEqual(10_000);
  });

  test('does not come while the reader stands still: it would pass what is yet to be read', async () => {
    const { enter, say, scheduler } = await runSessions();
    const client = await enter({ acks: true });
    for (let count = 0; count < 300; count++) await say(aside('x'.repeat(1_000)));
    expect(client.session.lag).toBeDefined();
    await scheduler.pass(interval * 3);
    expect(heartbeatsOf(client)).toEqual([]);
    while (client.session.lag) client.acknowledge();
    await scheduler.pass(interval);
    expect(heartbeatsOf(client)).toHaveLength(1);
    expect(heartbeatsOf(client)[0]?.position).toMatch(/\.300\./);
  });

  test('says nothing of a place that was left while it was looked up', async () => {
    let answers: (() => void)[] = [];
    const { enter, say, scheduler } = await runSessions(
      {},
      {
        markAt: async (answer) => {
          await new Promise<void>((resolve) => void answers.push(resolve));
          return answer();
        },
      },
    );
    const entering = enter();
    await expect.poll(() => answers.length).toBe(1);
    answers[0]?.();
    answers = [];
    const client = await entering;
    await say(aside('one'));
    await scheduler.pass(interval);
    expect(answers.length).toBeGreaterThan(0);
    await say(aside('two'));
    for (const answer of answers) answer();
    await scheduler.pass(1);
    expect(client.frames.map(({ type }) => type)).toEqual(['welcome', 'acme.note', 'acme.note']);
  });

  test('is no fault when the store cannot say where the reader stands: the next turn asks again', async () => {
    const hooks: Parameters<typeof runSessions>[1] = {};
    const { enter, say, scheduler } = await runSessions({}, hooks);
    const client = await enter();
    await say(aside('x'));
    hooks.markAt = rejects;
    await scheduler.pass(interval * 2);
    expect(heartbeatsOf(client)).toEqual([]);
    hooks.markAt = promises;
    await scheduler.pass(pause / 2);
    expect(heartbeatsOf(client)).toHaveLength(1);
    expect(client.closed).toBeUndefined();
  });

  test('comes however far the clock is set back, or ahead', async () => {
    const { enter, say, scheduler, clock } = await runSessions();
    const client = await enter();
    await say(aside('x'));
    for (const back of [3_600_000, 0, 86_400_000, -3_600_000]) {
      clock.back = back;
      const before = heartbeatsOf(client).length;
      await scheduler.pass(interval * 4);
      expect(heartbeatsOf(client).length - before).toBe(4);
      expect(client.closed).toBeUndefined();
    }
  });

  test('S7: silence is never longer than an interval, whatever is said when, and whoever comes and goes', async () => {
    const steps = fc.array(
      fc.record({
        ms: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom(961, 962, 12_493, 12_494, 24_986)),
        act: fc.constantFrom('say', 'elsewhere', 'ping', 'health', 'enter', 'leave', 'nothing'),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1_000, 3_300, interval), steps, async (heartbeatMs, steps) => {
        const { enter, say, scheduler } = await runSessions({ heartbeatMs });
        const clients = [await enter(), await enter({ threads: ['t'] })];
        const ends = new Map<RunningSession, number>();
        for (const { ms, act } of steps) {
          await scheduler.pass((ms * heartbeatMs) / interval);
          const [first, second] = clients as [RunningSession, RunningSession];
          if (act === 'say') await say(aside('x'));
          else if (act === 'elsewhere') await say(aside('x', 'elsewhere'));
          else if (act === 'ping') first.session.onText('{"type":"ping","id":"p"}');
          else if (act === 'health') second.session.announceHealth('degraded');
          else if (act === 'enter') clients.push(await enter());
          else if (act === 'leave' && clients.length > 2) {
            const leaving = clients[clients.length - 1] as RunningSession;
            if (!ends.has(leaving)) ends.set(leaving, scheduler.now());
            leaving.session.close(1000, 'done');
          }
        }
        await scheduler.pass(heartbeatMs * 3);
        for (const client of clients) {
          expect(longestSilence(client, ends.get(client) ?? scheduler.now())).toBeLessThanOrEqual(heartbeatMs);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('S7: a peer that answers nothing', () => {
  test('is cut after three intervals, not before, and not much later', async () => {
    const { enter, say, scheduler, telemetry } = await runSessions();
    const clients = await Promise.all(Array.from({ length: 13 }, () => enter()));
    await say(aside('x'));
    for (const client of clients) client.alive = false;
    await scheduler.pass(pause * 3);
    expect(clients.filter(({ closed }) => closed)).toEqual([]);
    await scheduler.pass(interval / 2);
    expect(clients.filter(({ closed }) => !closed)).toEqual([]);
    const closed = telemetry.filter(({ kind }) => kind === 'session_closed');
    expect(closed).toEqual(Array(13).fill(expect.objectContaining({ code: 4408, reason: 'silent' })));
  });

  test('is cut as well when it was told to go and does not', async () => {
    const { enter, scheduler, telemetry, heartbeat } = await runSessions();
    const client = await enter();
    client.stuck = true;
    client.alive = false;
    client.session.close(4408, 'reader too slow');
    await scheduler.pass(pause * 3);
    expect(heartbeat.size).toBe(1);
    await scheduler.pass(interval);
    expect(heartbeat.size).toBe(0);
    const closed = telemetry.filter(({ kind }) => kind === 'session_closed');
    expect(closed).toEqual([expect.objectContaining({ code: 4408, reason: 'reader too slow' })]);
  });

  test.each(['pong', 'ping frame'])('lives on when it answers with a %s at last', async (answer) => {
    const { enter, scheduler } = await runSessions();
    const client = await enter();
    client.alive = false;
    for (let times = 0; times < 4; times++) {
      await scheduler.pass(pause * 2.9);
      if (answer === 'pong') client.session.onPong();
      else client.session.onText('{"type":"ping","id":"p"}');
    }
    expect(client.closed).toBeUndefined();
  });
});
