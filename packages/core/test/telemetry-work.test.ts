// What is told of messages, runs and what they rest on, by what causes it, over real sockets.
import { getWebSocketManager } from '../src/user-manager.js';
import { type Hooks, throws } from './hooked-log.js';
import { note } from './notes.js';
import { place, startManager } from './running-manager.js';
import { rejectionOf } from './running-service.js';
import { type Cause, expectTold, sessionIdOf as idOf, pong, type WorkKind } from './telemetry-causes.js';

const user_id = 'ada';

const causes: { readonly [Name in WorkKind]: readonly Cause[] } = {
  message: [
    {
      when: 'each answer, by its code',
      async happens() {
        const running = await startManager({ onMessage: () => {}, messagesPerUser: { burst: 3, perSecond: 0.1 } });
        const page = await running.enter('ada');
        const say = (id: string, fields = {}) =>
          page.send({ type: 'message', id, thread_id: 't', data: null, ...fields });
        for (const id of ['m-1', 'm-1']) say(id);
        say('m-2', { run_id: 'r-9' });
        say('m-3');
        await page.until('error', { id: 'm-3' });
        const message = { kind: 'message', user_id };
        return {
          telemetry: running.telemetry,
          told: [
            { ...message, message_id: 'm-1', outcome: 'accepted' },
            { ...message, message_id: 'm-1', outcome: 'known' },
            { ...message, message_id: 'm-2', outcome: 'RUN_UNKNOWN' },
            { ...message, message_id: 'm-3', outcome: 'MESSAGE_TOO_MANY' },
          ],
        };
      },
    },
  ],
  message_handled: [
    {
      when: 'a handler that is done, and one that failed',
      async happens() {
        const running = await startManager({
          onMessage: ({ id }) => (id === 'm-1' ? undefined : Promise.reject(new Error('broken'))),
        });
        const page = await running.enter('ada');
        for (const id of ['m-1', 'm-2']) page.send({ type: 'message', id, thread_id: 't', data: null });
        await page.until('error', { id: 'm-2' });
        await pong(page);
        const handled = { kind: 'message_handled', user_id, duration_ms: 0 };
        return {
          telemetry: running.telemetry,
          told: [
            { ...handled, message_id: 'm-1', ok: true },
            { ...handled, message_id: 'm-2', ok: false },
          ],
        };
      },
    },
  ],
  run_started: [
    {
      when: 'a run, and one that it started; not one whose beginning was refused',
      async happens() {
        const running = await startManager();
        const { manager } = running;
        await manager.startRun({ ...place, run_id: 'r-1' });
        await manager.startRun({ ...place, run_id: 'r-2', parent_run_id: 'r-1', agent_name: 'helper' });
        await rejectionOf(manager.startRun({ ...place, run_id: 'r-1' }));
        await rejectionOf(manager.startRun({ ...place, metadata: { n: Number.NaN } }));
        const started = { kind: 'run_started', user_id, thread_id: 't-1' };
        return {
          telemetry: running.telemetry,
          told: [
            { ...started, run_id: 'r-1', agent_name: 'researcher' },
            { ...started, run_id: 'r-2', agent_name: 'helper', parent_run_id: 'r-1' },
          ],
        };
      },
    },
  ],
  run_ended: [
    {
      when: 'each outcome: how long it took, how many events it sent, the code of its error and never its words',
      async happens() {
        const running = await startManager({ maxRunMs: 5_000 });
        const { manager, scheduler } = running;
        await manager.run({ ...place, run_id: 'r-1' }, async (run) => {
          await run.thinking({ reasoning: 'x' });
          scheduler.advance(250);
        });
        const refused = Object.assign(new Error('the words'), { code: 'ECONNREFUSED' });
        await rejectionOf(manager.run({ ...place, run_id: 'r-2' }, () => Promise.reject(refused)));
        const timedOut = rejectionOf(manager.run({ ...place, run_id: 'r-3' }, () => new Promise<void>(() => {})));
        await scheduler.pass(5_000);
        await timedOut;
        const ended = { kind: 'run_ended', user_id, agent_name: 'researcher' };
        return {
          telemetry: running.telemetry,
          told: [
            { ...ended, run_id: 'r-1', outcome: 'succeeded', duration_ms: 250, events: 3 },
            { ...ended, run_id: 'r-2', outcome: 'failed', error_code: 'ECONNREFUSED', duration_ms: 0, events: 2 },
            { ...ended, run_id: 'r-3', outcome: 'failed', error_code: 'RUN_TIMED_OUT', duration_ms: 5_000, events: 2 },
          ],
        };
      },
    },
  ],
  run_delivered: [
    {
      when: 'an end that is acknowledged, with the time since it was stored',
      async happens() {
        const running = await startManager();
        const page = await running.enter('ada', { acks: true });
        await running.manager.run({ ...place, run_id: 'r-1' }, async () => {});
        await page.until('agent_completed');
        running.scheduler.advance(900);
        page.send({ type: 'ack', position: page.position });
        await pong(page);
        const told = [{ kind: 'run_delivered', run_id: 'r-1', user_id, session_id: idOf(page), duration_ms: 900 }];
        return { telemetry: running.telemetry, told };
      },
    },
  ],
  run_undelivered: [
    {
      when: 'an end that nobody acknowledged in time',
      async happens() {
        const running = await startManager({ undeliveredAfterMs: 1_000 });
        const page = await running.enter('ada', { acks: true });
        await running.manager.run({ ...place, run_id: 'r-1' }, async () => {});
        await page.until('agent_completed');
        await running.scheduler.pass(1_000);
        return {
          telemetry: running.telemetry,
          told: [{ kind: 'run_undelivered', run_id: 'r-1', user_id, offered: 1 }],
        };
      },
    },
  ],
  health: [
    {
      when: 'storage that fails, and that works again',
      async happens() {
        const hooks: Hooks = { append: throws };
        const running = await startManager({}, hooks);
        for (let failure = 0; failure < 6; failure++) await rejectionOf(note(running.manager));
        delete hooks.append;
        await note(running.manager);
        return {
          telemetry: running.telemetry,
          told: [
            { kind: 'health', level: 'degraded', reasons: ['storage fails'] },
            { kind: 'health', level: 'healthy', reasons: [] },
          ],
        };
      },
    },
  ],
  fault: [
    {
      when: 'a handler that fails on its own; not one whose run has said so',
      async happens() {
        const running = await startManager({
          onMessage: async ({ id }, userContext) => {
            if (id === 'm-1') throw new Error('no such table');
            await getWebSocketManager(userContext).run(place, () => Promise.reject(new Error('told by its run')));
          },
        });
        const page = await running.enter('ada');
        for (const id of ['m-1', 'm-2']) page.send({ type: 'message', id, thread_id: 't', data: null });
        await page.until('agent_completed');
        await pong(page);
        return {
          telemetry: running.telemetry,
          told: [{ kind: 'fault', where: 'handler', message: 'no such table' }],
        };
      },
    },
  ],
};

expectTold(causes);
