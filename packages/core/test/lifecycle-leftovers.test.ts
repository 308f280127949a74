// Whatever was under way: a service that has closed or drained leaves no timer, no listener and no socket behind.
import { createServer } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import type { ServiceOptions } from '../src/options.js';
import type { WebSocketService } from '../src/websocket-service.js';
import { bareUpgrade } from './bare-upgrade.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog, rejects } from './hooked-log.js';
import { notes } from './notes.js';
import { byName, listen, type RunningService, startService, turn } from './running-service.js';

const place = { agent_name: 'a', thread_id: 't' };
const never = <T>(): Promise<T> => new Promise<T>(() => {});

interface Stage {
  readonly name: string;
  readonly options?: Partial<ServiceOptions>;
  /** Brings a service to where it is to be ended. */
  readonly reach: (running: RunningService, hooks: Hooks) => Promise<unknown>;
}

/** A peer that asks for an upgrade and says nothing else, whatever it is told. */
function knock(port: number, token: string): Socket {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bareUpgrade(token));
  return socket;
}

const stages: Stage[] = [
  { name: 'nothing', reach: async () => {} },
  { name: 'an idle session', reach: ({ enter }) => enter('ada') },
  {
    name: 'a run with a tool at work and text that waits',
    reach: async ({ enter, managerOf }) => {
      await enter('ada');
      const run = await (await managerOf('ada')).startRun(place);
      await run.toolExecuting({ tool_name: 'sql' });
      run.text('a');
      run.text('b');
    },
  },
  {
    name: 'a run that its user stopped and that does not heed it',
    reach: async ({ enter, managerOf }) => {
      const client = await enter('ada');
      const run = await (await managerOf('ada')).startRun(place);
      client.send({ type: 'cancel', id: 'c-1', run_id: run.run_id });
      await client.until('accepted');
    },
  },
  {
    name: 'a run whose end cannot be stored',
    reach: async ({ managerOf }, hooks) => {
      const run = await (await managerOf('ada')).startRun(place);
      hooks.append = rejects;
      void run.completed();
      await turn();
    },
  },
  {
    name: 'a run whose store answers nothing',
    reach: async ({ managerOf }, hooks) => {
      const run = await (await managerOf('ada')).startRun(place);
      hooks.append = never;
      void run.thinking({ reasoning: 'x' });
    },
  },
  {
    name: 'a handler that never returns',
    options: { onMessage: () => never() },
    reach: async ({ enter }) => {
      const client = await enter('ada');
      client.send({ type: 'message', id: 'm-1', thread_id: 't', data: 1 });
      client.send({ type: 'message', id: 'm-2', thread_id: 't', data: 1 });
      await client.until('accepted', { id: 'm-2' });
    },
  },
  {
    name: 'a token that is being checked at the door',
    options: { authenticate: () => never() },
    reach: async ({ port, server }) => {
      knock(port, 'ada');
      await new Promise<void>((resolve) => server.once('upgrade', () => resolve()));
    },
  },
  {
    name: 'a token that is being checked in band',
    options: { authenticate: (credentials) => (credentials.token === 'slow' ? never() : byName(credentials)) },
    reach: async ({ enter }) => {
      const client = await enter('ada');
      client.send({ type: 'token', id: 't-1', token: 'slow' });
      client.send({ type: 'ping', id: 'p-1' });
      await client.until('pong');
    },
  },
  {
    name: 'a token that is being checked for a caller',
    options: { authenticate: () => never() },
    reach: async ({ service }) => void service.authenticate({ token: 'ada' }).catch(() => {}),
  },
  {
    name: 'a log that is being opened',
    reach: async ({ port }, hooks) => {
      const opening = new Promise<void>((resolve) => {
        hooks.open = () => {
          resolve();
          return never();
        };
      });
      knock(port, 'ada');
      await opening;
    },
  },
  {
    name: 'a refused peer that does not answer the close',
    reach: async ({ port, telemetry }) => {
      knock(port, 'bad');
      await expect.poll(() => telemetry.some(({ kind }) => kind === 'refused')).toBe(true);
    },
  },
  {
    name: 'a refused peer that does not close its side',
    options: { allowedOrigins: ['https://elsewhere.example'] },
    reach: async ({ port, server, telemetry }) => {
      const peer = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      peer.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      await new Promise<void>((resolve) => server.once('upgrade', () => resolve()));
      await expect.poll(() => telemetry.some(({ kind }) => kind === 'refused')).toBe(true);
    },
  },
  {
    name: 'a dependency that does not answer',
    options: { readiness: [{ name: 'database', check: () => never() }] },
    reach: async () => {},
  },
  {
    name: 'sessions that are asked whether they live',
    options: { maxSessionsPerUser: 1 },
    reach: async ({ enter }) => {
      await enter('ada');
      await enter('ada');
    },
  },
  {
    name: 'a reader that stands still',
    reach: async ({ enter, managerOf }) => {
      const client = await enter('ada', { acks: true });
      client.webSocket.pause();
      await notes(await managerOf('ada'), 300, 'x'.repeat(1_000));
    },
  },
  {
    name: 'a session whose close nobody answers',
    reach: async ({ enter, service }) => {
      const client = await enter('ada');
      client.webSocket.pause();
      service.revoke({ user_id: 'ada' });
    },
  },
];

const ends: readonly [string, (service: WebSocketService) => Promise<void>][] = [
  ['close', (service) => service.close()],
  ['drain', (service) => service.drain({ deadlineMs: 300, spreadMs: 0 })],
  [
    'close in the midst of a drain',
    (service) => {
      void service.drain();
      return service.close();
    },
  ],
];

describe.each(ends)('R8: %s leaves no handle, timer or listener behind', (_, end) => {
  test.each(stages)('with $name', async ({ options, reach }) => {
    const scheduler = fakeScheduler();
    const hooks: Hooks = {};
    const server = createServer();
    await listen(server);
    const opened: Socket[] = [];
    server.on('connection', (socket) => opened.push(socket));
    const log = memoryLog({}, scheduler);
    const held = scheduler.waiting;
    const listeners = () => server.eventNames().map((name) => `${String(name)} ${server.listenerCount(name)}`);
    const before = listeners();
    const running = await startService({ scheduler, server, log: hookedLog(log, hooks), ...options });
    await reach(running, hooks);
    let over = false;
    const done = end(running.service).then(() => {
      over = true;
    });
    await turn();
    while (!over) await scheduler.pass(100);
    await done;
    expect(scheduler.waiting).toBe(held);
    expect(listeners()).toEqual(before);
    await expect.poll(() => opened.filter((socket) => !socket.destroyed).length).toBe(0);
  });
});

test('R10: a log that outlives its service gets every user back, once', async () => {
  const memory = memoryLog();
  const held = new Map<string, number>();
  const count = (name: string, change: number) => void held.set(name, (held.get(name) ?? 0) + change);
  const { enter, managerOf, service } = await startService({
    log: {
      open: async (key) => {
        const opened = await memory.open(key);
        const { release } = opened;
        count(key.user_id, 1);
        return Object.assign(opened, {
          release: () => {
            count(key.user_id, -1);
            release.call(opened);
          },
        });
      },
      close: () => memory.close(),
    },
  });
  await enter('ada');
  await (await managerOf('bob')).startRun(place);
  expect(held).toEqual(
    new Map([
      ['ada', 1],
      ['bob', 1],
    ]),
  );
  await service.close();
  expect(held).toEqual(
    new Map([
      ['ada', 0],
      ['bob', 0],
    ]),
  );
  await memory.close();
});
