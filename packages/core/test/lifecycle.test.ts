// Ends that cross: what is sent, stored, asked or begun while a service, a session or a run ends, and after.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Authenticator } from '../src/authenticator.js';
import { startWebSocketService } from '../src/service.js';
import type { WebSocketService } from '../src/websocket-service.js';
import { bareUpgrade } from './bare-upgrade.js';
import type { FakeScheduler } from './fake-scheduler.js';
import type { Hooks } from './hooked-log.js';
import { note, notes, received, upTo } from './notes.js';
import { place, startManager } from './running-manager.js';
import { byName, listen, turn } from './running-service.js';
import { expectWholeRun } from './stored-events.js';

/** Holds answers of a log back until they are let go, or refused. */
function hold() {
  let letGo = () => {};
  let refuse: (error: Error) => void = () => {};
  const held = new Promise<void>((resolve, reject) => {
    letGo = resolve;
    refuse = reject;
  });
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const wait = () => {
    reach();
    return held;
  };
  const hook: Hook = (answer) => wait().then(answer);
  return { reached, letGo, refuse, wait, hook };
}

type Hook = NonNullable<Hooks['append']>;

/** Lets time pass until a promise has settled. A service that waits for ever fails by its test's time. */
async function over<T>(scheduler: FakeScheduler, promise: Promise<T>): Promise<T> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  await turn();
  while (!settled) await scheduler.pass(100);
  return promise;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

describe('R8: send after close', () => {
  test('R8: send after close has a verdict, whatever is sent; nothing throws, nothing is stored, nobody is harmed', async () => {
    const { manager, service, enter, events, scheduler } = await startManager();
    const client = await enter('ada');
    const run = await manager.startRun(place);
    const tool = await run.toolExecuting({ tool_name: 'sql' });
    await over(scheduler, service.close());
    await client.closed;
    const stored = events().length;
    const heard = client.frames.length;
    const everything = (): [string, Promise<unknown>][] => [
      ['RUN_ENDED', run.thinking({ reasoning: 'x' })],
      ['RUN_ENDED', run.toolExecuting({ tool_name: 'x' })],
      ['RUN_ENDED', run.send('acme.note', 1)],
      ['RUN_ENDED', tool.completed({ results: 1 })],
      ['RUN_ENDED', tool.failed(new Error('x'))],
      ['SERVICE_CLOSED', manager.startRun(place)],
      ['SERVICE_CLOSED', manager.run(place, async () => {})],
      ['SERVICE_CLOSED', manager.send('acme.note', 1, { thread_id: 't' })],
    ];
    for (const [code, verdict] of everything()) await expect(verdict).rejects.toMatchObject({ code });
    // The end it has is the end that whoever ends it again is told.
    const ended = expectWholeRun(events());
    expect(ended.data).toMatchObject({ outcome: 'interrupted' });
    for (const again of [run.completed(), run.failed(new Error('x'))]) {
      expect(await again).toContain(`.${ended.offset}.`);
    }
    run.text('never heard');
    await run[Symbol.asyncDispose]();
    // Ignored, all of it. A rejection that nobody handles would fail the run of these tests.
    everything();
    void run.completed();
    void run.flushed();
    await turn();
    expect(events()).toHaveLength(stored);
    expect(client.frames).toHaveLength(heard);
    expect(scheduler.waiting).toBe(1);
  });

  test('R8: send after close of a session is stored all the same, and read by the next one', async () => {
    const { manager, service, enter, scheduler } = await startManager();
    const first = await enter('ada');
    await note(manager, 1);
    await received(first, 1);
    const run = await manager.startRun(place);
    service.revoke({ user_id: 'ada' });
    run.text('said to nobody');
    expect(await run.completed()).toMatch(/\.4\./);
    expect(await first.closed).toMatchObject({ code: 4401 });
    const next = await enter('ada', { from: first.position });
    expect(await received(next, 4 - first.offsets.length)).toEqual(upTo(4, first.offsets.length + 1));
    await over(scheduler, service.close());
  });
});

describe('R8: close during append', () => {
  /** A service that closes while its log has yet to answer one event of a run and one outside of it. */
  async function closing() {
    const hooks: Hooks = {};
    const started = await startManager({}, hooks);
    const { manager, service } = started;
    const client = await started.enter('ada');
    const run = await manager.startRun(place);
    const store = hold();
    hooks.append = store.hook;
    const thought = run.thinking({ reasoning: 'half said' });
    const aside = note(manager);
    await store.reached;
    const closed = service.close();
    await turn();
    return { ...started, hooks, store, client, run, thought, aside, closed };
  }

  test('R8: close during append: what the log answers in time is in it, and the run ends behind it', async () => {
    const { store, thought, aside, closed, events, client, scheduler } = await closing();
    store.letGo();
    expect(await thought).toMatch(/\.2\./);
    expect(await aside).toMatch(/\.3\./);
    await over(scheduler, closed);
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(expectWholeRun(events())).toMatchObject({ seq: 3, data: { outcome: 'interrupted' } });
    expect(scheduler.waiting).toBe(1);
  });

  test('R8: close during append: what the log answers too late has a true verdict, and the run its end', async () => {
    const { store, thought, aside, closed, events, scheduler } = await closing();
    await over(scheduler, closed);
    expect(events()).toHaveLength(1);
    store.letGo();
    expect(await thought).toMatch(/\.2\./);
    expect(await aside).toMatch(/\.3\./);
    await expect.poll(() => events().length).toBe(4);
    expect(expectWholeRun(events())).toMatchObject({ seq: 3, data: { outcome: 'interrupted' } });
    expect(scheduler.waiting).toBe(1);
  });

  test('R8: close during append: what the log refuses is told, and nothing is tried again', async () => {
    const { store, thought, aside, closed, events, run, scheduler, service } = await closing();
    store.refuse(new Error('the store is gone'));
    for (const verdict of [thought, aside]) await expect(verdict).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await over(scheduler, closed);
    await expect.poll(() => service.health().runs).toBe(0);
    expect(events().map(({ type }) => type)).not.toContain('agent_completed');
    expect(run.signal.aborted).toBe(true);
    expect(scheduler.waiting).toBe(1);
  });
});

describe('R8: append during drain', () => {
  test.each(['at once', 'later'])(
    'R8: append during drain, answered %s: all of it is stored and read before the close',
    async (when) => {
      const hooks: Hooks = {};
      if (when === 'later') hooks.append = (answer) => turn().then(answer);
      const { manager, service, enter, events, scheduler } = await startManager({}, hooks);
      const readers = [await enter('ada'), await enter('ada', { acks: true })];
      const first = await manager.startRun(place);
      const drained = service.drain();
      // A run may begin another while the service drains: a sub-agent does.
      const second = await manager.startRun({ ...place, parent_run_id: first.run_id });
      for (let round = 0; round < 20; round++) {
        first.text(`${round} `);
        void second.thinking({ reasoning: `${round}` });
        void note(manager, round);
        await scheduler.pass(50);
      }
      expect(service.health()).toMatchObject({ sessions: 2, runs: 2 });
      await first.completed();
      await scheduler.pass(500);
      expect(service.health()).toMatchObject({ sessions: 2, runs: 1 });
      await second.completed();
      for (const reader of readers) {
        await reader.until('agent_completed', { run_id: second.run_id });
        reader.send({ type: 'ack', position: reader.position });
        await scheduler.pass(200);
        expect(await reader.closed).toEqual({ code: 1012, reason: 'draining' });
      }
      await over(scheduler, drained);
      for (const run of [first, second]) {
        expect(expectWholeRun(events(), run.run_id).data).toMatchObject({ outcome: 'succeeded' });
      }
      const offsets = events().map(({ offset }) => offset);
      for (const reader of readers) expect(reader.offsets).toEqual(offsets);
    },
  );

  test('R8: append during drain: the end of a run is waited for until it is stored', async () => {
    const hooks: Hooks = {};
    const { manager, service, enter, scheduler } = await startManager({}, hooks);
    const client = await enter('ada');
    const run = await manager.startRun(place);
    const drained = service.drain();
    const store = hold();
    hooks.append = store.hook;
    const ended = run.completed({ final_response: 'whole' });
    await store.reached;
    await scheduler.pass(1_000);
    expect(service.health()).toMatchObject({ sessions: 1, runs: 1 });
    store.letGo();
    await ended;
    await scheduler.pass(100);
    expect(await client.until('agent_completed')).toMatchObject({ data: { final_response: 'whole' } });
    expect(await client.closed).toMatchObject({ code: 1012 });
    await over(scheduler, drained);
  });
});

describe('R8: double close', () => {
  test('R8: double close of a service, by every name it has, at once: each session and run ends once', async () => {
    const { manager, service, enter, telemetry, scheduler } = await startManager();
    const clients = [await enter('ada'), await enter('ada'), await enter('bob')];
    await manager.startRun(place);
    const ends = [service.drain(), service.close(), service[Symbol.asyncDispose](), service.close(), service.drain()];
    await over(scheduler, Promise.all(ends));
    await over(scheduler, Promise.all([service.close(), service.drain(), service[Symbol.asyncDispose]()]));
    // The drain began first, and Bob had nothing to wait for.
    const codes = await Promise.all(clients.map(async ({ closed }) => (await closed).code));
    expect(codes).toEqual([1001, 1001, 1012]);
    const kinds = telemetry.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'session_closed')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'run_ended')).toHaveLength(1);
    expect(kinds).not.toContain('fault');
    expect(scheduler.waiting).toBe(1);
  });

  test('R8: double close of a session: the first reason is the one that counts', async () => {
    const { service, enter, telemetry, scheduler } = await startManager();
    const client = await enter('ada');
    expect(service.revoke({ user_id: 'ada' })).toBe(1);
    expect(service.revoke({ user_id: 'ada' })).toBe(0);
    await over(scheduler, service.close());
    expect(await client.closed).toEqual({ code: 4401, reason: 'signed out' });
    expect(telemetry.filter(({ kind }) => kind === 'session_closed')).toMatchObject([{ code: 4401 }]);
  });

  test('R8: double close of a socket: the peer closes in the same moment as the service', async () => {
    const { service, enter, telemetry, scheduler } = await startManager();
    const clients = [await enter('ada'), await enter('ada'), await enter('bob')];
    for (const { webSocket } of clients) webSocket.close(1000, 'bye');
    await over(scheduler, service.close());
    for (const { closed } of clients) expect([1000, 1001]).toContain((await closed).code);
    expect(telemetry.filter(({ kind }) => kind === 'session_closed')).toHaveLength(3);
    expect(service.health().sessions).toBe(0);
  });

  test('R8: double close of a run: its agent and the service end it in the same turn', async () => {
    const { manager, service, events, telemetry, scheduler } = await startManager();
    const first = await manager.startRun(place);
    const second = await manager.startRun(place);
    const completed = first.completed({ final_response: 1 });
    const closed = service.close();
    const late = second.completed({ final_response: 2 });
    await over(scheduler, Promise.all([completed, late, closed]));
    expect(expectWholeRun(events(), first.run_id).data).toMatchObject({ outcome: 'succeeded' });
    expect(expectWholeRun(events(), second.run_id).data).toMatchObject({ outcome: 'interrupted' });
    expect(telemetry.filter(({ kind }) => kind === 'run_ended')).toHaveLength(2);
  });
});

describe('R5: abort during handshake', () => {
  test.each(['authenticate', 'open', 'active', 'markAt'] as const)(
    'R5, R16: abort during handshake, while it waits for `%s`: no session, no timer, no socket; neighbours read on',
    async (step) => {
      const hooks: Hooks = {};
      let pass: () => Promise<void> | undefined = () => undefined;
      const authenticate: Authenticator = async (credentials) => {
        await pass();
        return byName(credentials);
      };
      const running = await startManager({ authenticate }, hooks);
      const { service, enter, telemetry, server, scheduler, port } = running;
      const sockets: Socket[] = [];
      server.on('connection', (socket) => sockets.push(socket));
      const neighbour = await enter('bob');
      const bob = await running.managerOf('bob');
      const waiting = scheduler.waiting;
      const before = telemetry.length;
      const held = hold();
      if (step === 'authenticate') pass = held.wait;
      else hooks[step] = held.hook;
      const peer = connectTcp(port, '127.0.0.1');
      peer.write(bareUpgrade('ada'));
      await held.reached;
      peer.resetAndDestroy();
      await expect.poll(() => sockets.at(-1)?.destroyed).toBe(true);
      await notes(bob, 3);
      held.letGo();
      await turn();
      await notes(bob, 3);
      expect(await received(neighbour, 6)).toEqual(upTo(6));
      expect(service.health().sessions).toBe(1);
      expect(telemetry.slice(before)).toEqual([]);
      expect(scheduler.waiting).toBe(waiting);
      expect(await connectionsOf(server)).toBe(1);
    },
  );
});

describe('await using', () => {
  test('ends a service with its scope, also when the scope ends by a throw', async () => {
    const server = createServer();
    await listen(server);
    let seen: WebSocketService | undefined;
    const work = async () => {
      await using service = await startWebSocketService({ server, authenticate: byName });
      seen = service;
      expect(server.listenerCount('upgrade')).toBe(1);
      throw new Error('the scope failed');
    };
    await expect(work()).rejects.toThrow('the scope failed');
    expect(seen?.health().reasons).toEqual(['closed']);
    expect(server.listenerCount('upgrade')).toBe(0);
    server.close();
    await once(server, 'close');
  });
});
