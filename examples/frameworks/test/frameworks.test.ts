import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ThroughlineClient } from '@throughline/client';
import { createRunStore } from '@throughline/client/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { examplePassword } from '../src/sign-in.js';
import { examples, type Place, startPlace } from './place.js';

const whole = { text: expect.stringContaining('ada.') as string, final_response: 'Greeted ada.', status: 'succeeded' };

/** Asks, and tells what came: the types of the events, and what they fold to. */
async function ask(client: ThroughlineClient) {
  const store = createRunStore(client);
  const types: string[] = [];
  client.on('event', ({ type }) => types.push(type));
  const ended = new Promise((resolve) => {
    client.on('agent_completed', resolve);
  });
  client.connect();
  await client.send({ thread_id: 't-1', data: { text: 'Hello?' } }).accepted;
  await ended;
  return { types, run: [...store.getSnapshot().runs.values()][0] };
}

async function refusedWith(place: Place, path: string) {
  const [, response] = (await once(place.open(path), 'unexpected-response')) as [unknown, IncomingMessage];
  return { status: response.statusCode, body: await json(response) };
}

describe.each(examples)('S8, S11: on %s', (example) => {
  let place: Place;

  beforeEach(async () => {
    place = await startPlace(example);
  });

  afterEach(() => place.close());

  test('somebody signs in, asks, and gets all five events and the whole answer', async () => {
    const client = place.visit('ada');
    const { types, run } = await ask(client);
    expect([...new Set(types)]).toEqual([
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'partial_result',
      'agent_completed',
    ]);
    expect(run).toMatchObject(whole);
    client.close();
  });

  test('the routes of the framework answer, while sockets are open too', async () => {
    const client = place.visit('ada');
    await ask(client);
    expect(await place.signIn('bob', examplePassword)).toEqual({ ok: true, token: expect.any(String) as string });
    expect(await place.signIn('bob', 'guessed')).toMatchObject({ ok: false, token: null });
    client.close();
  });

  test('a WebSocket server of somebody else works on the same HTTP server, at its own path', async () => {
    const other = new WebSocketServer({ noServer: true });
    place.server.on('upgrade', (request, duplex, head) => {
      if (request.url !== '/other') return;
      other.handleUpgrade(request, duplex, head, (socket) =>
        socket.on('message', (said: Buffer) => socket.send(`heard ${said.toString()}`)),
      );
    });
    const client = place.visit('ada');
    expect((await ask(client)).run).toMatchObject(whole);
    const socket = place.open('/other');
    await once(socket, 'open');
    socket.send('you');
    const [heard] = (await once(socket, 'message')) as [Buffer];
    expect(heard.toString()).toBe('heard you');
    socket.terminate();
    client.close();
  });

  test('an upgrade of a path that nobody handles is answered with 404', async () => {
    for (const path of ['/nobody', '/', '/ws/deeper']) {
      expect(await refusedWith(place, path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
  });

  test('closing lets everybody go with 1012 and leaves nothing that listens', async () => {
    const client = place.visit('ada');
    await ask(client);
    const gone = new Promise((resolve) => {
      client.on('status', ({ state, code }) => state === 'offline' && resolve(code));
    });
    await place.close();
    expect(await gone).toBe(1012);
    client.close();
    expect(place.server.listening).toBe(false);
    expect(place.server.listenerCount('upgrade')).toBe(0);
    const [error] = (await once(connect(place.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    await expect.poll(() => process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name))).toEqual([]);
  });

  test('it is a file of fewer than 40 lines', () => {
    const lines = readFileSync(new URL(`../src/${example}.ts`, import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeLessThan(40);
  });
});
