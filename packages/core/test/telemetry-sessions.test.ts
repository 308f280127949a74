// What is told of sessions, and of the service they are sessions of, by what causes it, over real sockets.
import { expect, test } from 'vitest';
import type { EventLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import type { TelemetryEvent } from '../src/telemetry.js';
import { passUntil } from './elapse.js';
import { note, notes, received } from './notes.js';
import type { RawClient } from './raw-client.js';
import { place, type RunningManager, startManager } from './running-manager.js';
import { shoutingDialect } from './shouting-dialect.js';
import { type Cause, expectTold, sessionIdOf as idOf, pong, type SessionKind } from './telemetry-causes.js';

const user_id = 'ada';
const ofKind = ({ telemetry }: Pick<RunningManager, 'telemetry'>, kind: TelemetryEvent['kind']) =>
  telemetry.filter((event) => event.kind === kind);

const causes: { readonly [Name in SessionKind]: readonly Cause[] } = {
  refused: [
    {
      when: 'R7 a bad credential: how it came, and never what it was',
      async happens() {
        const running = await startManager();
        await (await running.connect('bad')).closed;
        const told = [
          {
            kind: 'refused',
            code: 'CREDENTIAL_REFUSED',
            status: 4401,
            path: '/ws',
            carrier: 'authorization',
            hint: 'credential refused',
          },
        ];
        return { telemetry: running.telemetry, told };
      },
    },
    {
      when: 'R16 a service that drains',
      async happens() {
        const running = await startManager();
        await running.manager.startRun(place);
        void running.service.drain();
        await running.refused();
        const hint = 'The service is going away.';
        return {
          telemetry: running.telemetry,
          told: [{ kind: 'refused', code: 'DRAINING', status: 503, path: '/ws', carrier: 'none', hint }],
        };
      },
    },
  ],
  session_opened: [
    {
      when: 'a page that holds nothing, and one that holds a position',
      async happens() {
        const running = await startManager();
        const first = await running.enter('ada');
        const second = await running.enter('ada', { from: first.position });
        return {
          telemetry: running.telemetry,
          told: [
            { kind: 'session_opened', session_id: idOf(first), user_id, from: 'active' },
            { kind: 'session_opened', session_id: idOf(second), user_id, from: 'position' },
          ],
        };
      },
    },
  ],
  session_caught_up: [
    {
      when: 'a page that comes back: how far it was behind, and how long its user was away',
      async happens() {
        const running = await startManager();
        const { manager, enter, scheduler, service } = running;
        const gone = await enter('ada', { acks: true });
        const { position: from } = gone;
        gone.webSocket.terminate();
        await expect.poll(() => service.health().sessions).toBe(0);
        await notes(manager, 5);
        scheduler.advance(7_000);
        const back = await enter('ada', { acks: true, from });
        await received(back, 5);
        const beside = await enter('ada', { from });
        await received(beside, 5);
        const caughtUp = { kind: 'session_caught_up', user_id, duration_ms: 0 };
        return {
          telemetry: running.telemetry,
          told: [
            { ...caughtUp, session_id: idOf(gone), entries: 0 },
            { ...caughtUp, session_id: idOf(back), entries: 5, away_ms: 7_000 },
            { ...caughtUp, session_id: idOf(beside), entries: 5 },
          ],
        };
      },
    },
    {
      when: 'a page that takes its time: how long it took; and again after a change of threads',
      async happens() {
        const running = await startManager({ ackWindowBytes: 32_768 });
        const { manager, enter, scheduler } = running;
        const from = await manager.position();
        await notes(manager, 40, 'x'.repeat(1_000));
        const page = await enter('ada', { acks: true, from });
        scheduler.advance(3_000);
        expect(ofKind(running, 'session_caught_up')).toEqual([]);
        while (page.offsets.length < 40) {
          await page.next();
          page.send({ type: 'ack', position: page.position });
        }
        page.send({ type: 'threads', threads: ['t'], from });
        await page.until('reading');
        await page.until('acme.note', { offset: 1 });
        while (ofKind(running, 'session_caught_up').length < 2) {
          page.send({ type: 'ack', position: page.position });
          await pong(page);
        }
        const caughtUp = { kind: 'session_caught_up', session_id: idOf(page), user_id, entries: 40 };
        return {
          telemetry: running.telemetry,
          told: [
            { ...caughtUp, duration_ms: 3_000 },
            { ...caughtUp, duration_ms: 0 },
          ],
        };
      },
    },
  ],
  slow_reader: [
    {
      when: 'a reader that stays behind: told once, until it has caught up',
      async happens() {
        const running = await startManager({ ackWindowBytes: 32_768, slowReaderMs: 20_000, slowReaders: 'wait' });
        const { manager, enter, scheduler } = running;
        const page = await enter('ada', { acks: true });
        await notes(manager, 50, 'x'.repeat(1_000));
        for (let half = 0; half < 6; half++) {
          await pong(page);
          await scheduler.pass(12_500);
        }
        const [slow] = ofKind(running, 'slow_reader') as { entries: number; behind_ms: number }[];
        expect(slow?.entries).toBe(50 - page.offsets.length);
        expect(slow?.behind_ms).toBeGreaterThanOrEqual(20_000);
        expect(slow?.behind_ms).toBeLessThanOrEqual(45_000);
        const { entries, behind_ms } = slow as { entries: number; behind_ms: number };
        const session_id = idOf(page);
        return {
          telemetry: running.telemetry,
          told: [{ kind: 'slow_reader', session_id, user_id, policy: 'wait', entries, behind_ms }],
        };
      },
    },
  ],
  client_observed: [
    {
      when: 'what a client says that it met, and nothing when it says nothing',
      async happens() {
        const running = await startManager();
        const page = await running.enter('ada', { acks: true });
        for (const counts of [{ gaps: 2, duplicates: 7 }, {}, { duplicates: 1 }, { gaps: 0, duplicates: 0 }]) {
          await note(running.manager);
          await page.until('acme.note');
          page.send({ type: 'ack', position: page.position, ...counts });
        }
        await pong(page);
        const observed = { kind: 'client_observed', session_id: idOf(page), user_id };
        return {
          telemetry: running.telemetry,
          told: [
            { ...observed, gaps: 2, duplicates: 7 },
            { ...observed, gaps: 0, duplicates: 1 },
          ],
        };
      },
    },
  ],
  frame_ignored: [
    {
      when: 'S3 a frame that means nothing in the dialect of its page: each, and never what it said',
      async happens() {
        const running = await startManager({ dialects: [shoutingDialect().dialect] });
        const page = await running.connect('ada', { protocols: ['shout'] });
        const { session } = await page.until('HELLO');
        page.send('MUMBLE a secret');
        page.send('MUMBLE');
        page.send('PING p-1');
        await page.until('PONG');
        const ignored = { kind: 'frame_ignored', session_id: session, user_id, dialect: 'shout' };
        return { telemetry: running.telemetry, told: [ignored, ignored] };
      },
    },
  ],
  session_closed: [
    {
      when: 'S10 R6 a page that left, one whose socket broke, one that was signed out: each with its code, once',
      async happens() {
        const running = await startManager();
        const { enter, scheduler, service } = running;
        const pages: RawClient[] = [];
        const closed = { kind: 'session_closed', user_id };
        const open = async (end: (page: RawClient) => void) => {
          const page = await enter('ada');
          pages.push(page);
          scheduler.advance(1_000);
          end(page);
          await expect.poll(() => service.health().sessions).toBe(0);
        };
        await open(({ webSocket }) => webSocket.close(1001, 'left'));
        await open(({ webSocket }) => webSocket.terminate());
        await open(() => service.revoke({ user_id: 'ada' }));
        const [left, broke, out] = pages.map((page) => ({ ...closed, session_id: idOf(page), duration_ms: 1_000 }));
        return {
          telemetry: running.telemetry,
          told: [
            { ...left, code: 1001, reason: 'left' },
            { ...broke, code: 1006, reason: '' },
            { ...out, code: 4401, reason: 'signed out' },
          ],
        };
      },
    },
  ],
  reset: [
    {
      when: 'a position that cannot be honoured',
      async happens() {
        const running = await startManager();
        const page = await running.enter('ada', { from: 'another.7.0123abcd' });
        await page.until('reset');
        const told = [{ kind: 'reset', session_id: idOf(page), user_id, cause: 'unknown_epoch' }];
        return { telemetry: running.telemetry, told };
      },
    },
  ],
  draining: [
    {
      when: 'S7 each round of a drain: what is left, and how many sessions it closed',
      async happens() {
        const running = await startManager();
        const { manager, enter, service, scheduler } = running;
        const pages = [await enter('ada'), await enter('ada'), await enter('ada')];
        const run = await manager.startRun(place);
        const drained = service.drain({ batch: 2 });
        await run.completed();
        await scheduler.pass(100);
        await expect.poll(() => service.health().sessions).toBe(1);
        await scheduler.pass(100);
        await Promise.all(pages.map(({ closed }) => closed));
        await expect.poll(() => service.health().sessions).toBe(0);
        await passUntil(scheduler, drained);
        return {
          telemetry: running.telemetry,
          told: [
            { kind: 'draining', sessions: 3, runs: 1, closed: 0 },
            { kind: 'draining', sessions: 3, runs: 0, closed: 2 },
            { kind: 'draining', sessions: 1, runs: 0, closed: 1 },
            { kind: 'draining', sessions: 0, runs: 0, closed: 0 },
          ],
        };
      },
    },
  ],
  leak: [
    {
      when: 'S9 R4 a log that is of somebody else',
      async happens() {
        const inner = memoryLog();
        const log: EventLog = {
          open: (key) => inner.open({ ...key, user_id: 'grace' }),
          close: () => inner.close(),
        };
        const running = await startManager({ log });
        const page = await running.connect('ada');
        expect(await page.closed).toMatchObject({ code: 1011 });
        return { telemetry: running.telemetry, told: [{ kind: 'leak', where: 'session', user_id }] };
      },
    },
  ],
};

expectTold(causes);

test('R5 nothing is told of a session before that it has opened, nor after that it has closed', async () => {
  const running = await startManager();
  const pages = [
    await running.enter('ada', { from: 'another.7.0123abcd', acks: true }),
    await running.enter('ada', { acks: true }),
  ];
  await note(running.manager);
  for (const page of pages) {
    await page.until('acme.note');
    page.send({ type: 'ack', position: page.position, gaps: 1 });
    await pong(page);
    page.webSocket.close(1000);
    await page.closed;
  }
  await expect.poll(() => running.service.health().sessions).toBe(0);
  for (const page of pages) {
    const kinds = running.telemetry.flatMap((event) =>
      'session_id' in event && event.session_id === idOf(page) ? [event.kind] : [],
    );
    expect(kinds.length).toBeGreaterThan(3);
    expect([kinds[0], kinds.at(-1)]).toEqual(['session_opened', 'session_closed']);
    expect(new Set(kinds).size).toBe(kinds.length);
  }
});
