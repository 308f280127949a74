import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../src/authenticator.js';
import { memoryLog } from '../src/memory-log.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog, rejects, throws } from './hooked-log.js';
import { startService, turn } from './running-service.js';

/** Everything a service sent on a bare connection, as text. */
async function ask(port: number, lines: string[]): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

const upgradeLines = (port: number) => [
  'GET /ws HTTP/1.1',
  `Host: 127.0.0.1:${port}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==',
  'Sec-WebSocket-Protocol: throughline.v1',
];

describe('S10: who is let in is welcomed first', () => {
  test('with what PROTOCOL.md promises', async () => {
    const scheduler = fakeScheduler();
    const { connect } = await startService({ scheduler });
    const client = await connect(`ada~${scheduler.now() + 60_000}`);
    const welcome = await client.next();
    expect(welcome).toEqual({
      type: 'welcome',
      session_id: expect.stringMatching(/^[\w-]{16}$/),
      user_id: 'ada',
      position: expect.stringMatching(/^[\w-]{16}\.0\.00000000$/),
      head: 0,
      heartbeat_ms: 25_000,
      expires_in_ms: 60_000,
      max_frame_bytes: 65_536,
    });
    expect(client.webSocket.protocol).toBe('throughline.v1');
    expect(client.webSocket.extensions).toBe('');
  });

  test('and is told that a credential without an end has none', async () => {
    const { connect } = await startService();
    expect(await (await connect('ada')).next()).toMatchObject({ type: 'welcome', expires_in_ms: null });
  });

  test('R5: under an id of their own, each', async () => {
    const { connect } = await startService();
    const welcomes = await Promise.all([1, 2, 3].map(async () => (await connect('ada')).next()));
    expect(new Set(welcomes.map(({ session_id }) => session_id)).size).toBe(3);
  });

  test.each([
    ['the header', { headers: { authorization: 'Bearer ada' } }],
    ['a subprotocol', { protocols: ['throughline.v1', 'bearer.ada'] }],
    ['a subprotocol in base64url', { protocols: ['throughline.v1', 'bearer64.YWRh'] }],
    ['the cookie', { headers: { cookie: 'session=ada', origin: 'http://127.0.0.1' } }],
  ])('R7: by %s', async (_, knock) => {
    const { connect } = await startService({ cookieName: 'session', allowedOrigins: ['http://127.0.0.1'] });
    const client = await connect(undefined, knock);
    expect(await client.next()).toMatchObject({ type: 'welcome', user_id: 'ada' });
    expect(client.webSocket.protocol).toBe('throughline.v1');
  });
});

describe('R6: a refusal that a page must tell apart is a close code', () => {
  test.each([
    ['no credential', {}, 4401, 'CREDENTIAL_MISSING'],
    ['a bad credential', { token: 'bad' }, 4401, 'CREDENTIAL_REFUSED'],
    ['an expired credential', { token: 'ada~1' }, 4401, 'CREDENTIAL_REFUSED'],
    ['a user whose name is no id', { token: 'x'.repeat(129) }, 4401, 'CREDENTIAL_REFUSED'],
    ['a position that is none', { token: 'ada', from: 'yesterday' }, 4400, 'FROM_INVALID'],
    ['a position behind something else', { token: 'ada', from: 'inactive,E.1.00000000' }, 4400, 'FROM_INVALID'],
    ['active, and no position', { token: 'ada', from: 'active,' }, 4400, 'FROM_INVALID'],
    ['101 threads', { token: 'ada', threads: Array.from({ length: 101 }, String) }, 4400, 'THREADS_INVALID'],
    ['a thread that is no id', { token: 'ada', threads: ['t', 'a b'] }, 4400, 'THREADS_INVALID'],
    ['a thread without a name beside others', { token: 'ada', threads: ['t', ''] }, 4400, 'THREADS_INVALID'],
    ['a thread of 129 characters', { token: 'ada', threads: ['t'.repeat(129)] }, 4400, 'THREADS_INVALID'],
    ['another version alone', { token: 'ada', protocols: 'throughline.v9' }, 4410, 'VERSION_GONE'],
  ])('%s', async (_, knock, code, kind) => {
    const { connect, telemetry, service } = await startService();
    const client = await connect(undefined, knock);
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toEqual([]);
    expect(service.health().sessions).toBe(0);
    expect(telemetry).toEqual([expect.objectContaining({ kind: 'refused', code: kind, status: code, path: '/ws' })]);
  });

  test('a peer that does not answer the close is cut after two seconds', async () => {
    const scheduler = fakeScheduler();
    const { port } = await startService({ scheduler });
    const before = scheduler.waiting;
    const answer = ask(port, upgradeLines(port));
    await expect.poll(() => scheduler.waiting).toBe(before + 1);
    await scheduler.pass(2_000);
    expect(await answer).toMatch(/^HTTP\/1.1 101 /);
    expect(scheduler.waiting).toBe(before);
  });
});

describe('what only means "later", or "never like this", is told in HTTP', () => {
  test('R16: a service that waits for a dependency answers 503, and then lets in', async () => {
    const scheduler = fakeScheduler();
    let up = false;
    const readiness = [{ name: 'redis', check: () => up || Promise.reject(new Error('connection refused')) }];
    const { refused, connect, service } = await startService({ scheduler, readiness });
    const { status, headers, body } = await refused({ token: 'ada' });
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '1' });
    expect(body).toEqual({
      title: 'Service Unavailable',
      status: 503,
      code: 'STARTING',
      detail: 'The service is starting.',
    });
    expect(service.health()).toMatchObject({ level: 'unhealthy', reasons: ['waiting for redis'] });
    up = true;
    await scheduler.pass(1_000);
    expect(await (await connect('ada')).next()).toMatchObject({ type: 'welcome' });
    expect(service.health()).toMatchObject({ level: 'healthy', reasons: [], sessions: 1, runs: 0 });
  });

  test('an authenticator that is down logs nobody out: 503', async () => {
    const { refused } = await startService();
    expect(await refused({ token: 'down' })).toMatchObject({ status: 503, body: { code: 'AUTHENTICATOR_DOWN' } });
  });

  test('an authenticator that does not answer is down', async () => {
    const scheduler = fakeScheduler();
    const { refused } = await startService({ scheduler, authenticate: () => new Promise(() => {}) });
    const before = scheduler.waiting;
    const answer = refused({ token: 'ada' });
    await expect.poll(() => scheduler.waiting).toBe(before + 1);
    scheduler.advance(5_000);
    expect(await answer).toMatchObject({ status: 503, body: { code: 'AUTHENTICATOR_DOWN' } });
  });

  test.each([
    ['throws', throws],
    ['rejects', rejects],
  ])('a store that %s when a log is opened: 503, and the next one is let in', async (_, fault) => {
    const hooks: Hooks = { open: fault };
    const { refused, connect } = await startService({ log: hookedLog(memoryLog(), hooks) });
    expect(await refused({ token: 'ada' })).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
    delete hooks.open;
    expect(await (await connect('ada')).next()).toMatchObject({ type: 'welcome' });
  });

  test('too many authentications at once: 429', async () => {
    const waiting: ((identity: Identity) => void)[] = [];
    const authenticate = () => new Promise<Identity>((resolve) => void waiting.push(resolve));
    const { refused, connect } = await startService({ authenticate, maxHandshakes: 2 });
    const inTime = [connect('ada'), connect('bob')];
    await expect.poll(() => waiting.length).toBe(2);
    expect(await refused({ token: 'eve' })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { code: 'TOO_MANY_HANDSHAKES' },
    });
    for (const answer of waiting) answer({ user_id: 'ada' });
    await Promise.all(inTime);
  });

  test.each([
    ['a foreign origin', { token: 'ada', headers: { origin: 'https://evil.example' } }],
    ['a cookie without an origin', { headers: { cookie: 'session=ada' } }],
    ['a cookie from a foreign page', { headers: { cookie: 'session=ada', origin: 'https://evil.example' } }],
  ])('%s: 403', async (_, knock) => {
    const { refused } = await startService({ cookieName: 'session' });
    expect(await refused(knock)).toMatchObject({ status: 403, body: { code: 'ORIGIN_FORBIDDEN' } });
  });

  test('no subprotocol of ours: 400', async () => {
    const { refused } = await startService();
    for (const protocols of [[], ['chat'], ['throughline'], ['bearer.ada']]) {
      expect(await refused({ token: 'ada', protocols })).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    }
  });

  test.each([
    ['another method', (line: string) => line.replace('GET', 'POST')],
    ['another upgrade', (line: string) => line.replace('Upgrade: websocket', 'Upgrade: h2c')],
    ['another version of WebSocket', (line: string) => line.replace('Version: 13', 'Version: 8')],
    ['a key that is none', (line: string) => line.replace(/Key: .*/, 'Key: short')],
    ['a subprotocol twice', (line: string) => line.replace('throughline.v1', 'throughline.v1, throughline.v1')],
    ['a subprotocol that is no token', (line: string) => line.replace('throughline.v1', 'throughline.v1, a@b')],
  ])('%s: 400', async (_, spoil) => {
    const { port } = await startService();
    const answer = await ask(port, upgradeLines(port).map(spoil));
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"code":"BAD_REQUEST"');
  });
});

describe('what happens while somebody is being let in', () => {
  function lateAuthenticator() {
    const answers: ((identity: Identity | null) => void)[] = [];
    const authenticate = () => new Promise<Identity | null>((resolve) => void answers.push(resolve));
    return { answers, authenticate };
  }

  test('a peer that resets meanwhile ends nothing but its own connection', async () => {
    const { answers, authenticate } = lateAuthenticator();
    const { port, connect, service } = await startService({ authenticate });
    const socket = connectTcp(port, '127.0.0.1');
    socket.write(`${[...upgradeLines(port), 'Authorization: Bearer ada'].join('\r\n')}\r\n\r\n`);
    await expect.poll(() => answers.length).toBe(1);
    socket.resetAndDestroy();
    await once(socket, 'close');
    await turn();
    answers[0]?.({ user_id: 'ada' });
    await turn();
    const neighbour = connect('bob');
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.({ user_id: 'bob' });
    expect(await (await neighbour).next()).toMatchObject({ type: 'welcome', user_id: 'bob' });
    await expect.poll(() => service.health().sessions).toBe(1);
  });

  test('a service that begins to drain meanwhile lets nobody in any more', async () => {
    const { answers, authenticate } = lateAuthenticator();
    const { refused, service } = await startService({ authenticate });
    const answer = refused({ token: 'ada' });
    await expect.poll(() => answers.length).toBe(1);
    const drained = service.drain();
    answers[0]?.({ user_id: 'ada' });
    expect(await answer).toMatchObject({ status: 503, body: { code: 'DRAINING' } });
    await drained;
  });

  test('a user who signs out meanwhile is not let in by the credential of before', async () => {
    const waiting: (() => void)[] = [];
    const hooks: Hooks = {
      open: async (answer) => {
        await new Promise<void>((resolve) => void waiting.push(resolve));
        return answer();
      },
    };
    const { service, connect, telemetry } = await startService({ log: hookedLog(memoryLog(), hooks) });
    const userContext = await service.authenticate({ token: 'ada' });
    const client = connect('ada');
    await expect.poll(() => waiting.length).toBe(1);
    service.revoke(userContext);
    waiting[0]?.();
    expect(await (await client).closed).toEqual({ code: 4401, reason: 'credential refused' });
    // Nobody is told of a session: there was none.
    expect(telemetry.map(({ kind }) => kind)).not.toContain('session_opened');
    expect(service.health().refusals).toEqual({ CREDENTIAL_REFUSED: 1 });
  });

  test('R5: what a client says at once is kept and handled after welcome', async () => {
    const { port } = await startService({ onMessage: () => {} });
    const socket = connectTcp(port, '127.0.0.1');
    const text = Buffer.from('{"type":"ping","id":"early"}');
    const mask = Buffer.from([1, 2, 3, 4]);
    const masked = text.map((byte, index) => byte ^ (mask[index % 4] as number));
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, masked]);
    // In one packet with the request: it arrives before anybody listens.
    socket.write(
      Buffer.concat([
        Buffer.from(`${[...upgradeLines(port), 'Authorization: Bearer ada'].join('\r\n')}\r\n\r\n`),
        frame,
      ]),
    );
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    await expect.poll(() => received).toContain('"id":"early"');
    expect(received.indexOf('"type":"welcome"')).toBeLessThan(received.indexOf('"type":"pong"'));
    socket.destroy();
  });
});

test('R7: a token is in no header, no frame, no reason and no telemetry', async () => {
  const { connect, refused, telemetry } = await startService();
  const secret = 's3cret';
  const protocols = ['throughline.v1', `bearer.${secret}`];
  const client = await connect(undefined, { protocols });
  await client.until('welcome');
  client.send({ type: 'token', id: 'k', token: `bad-${secret}` });
  const { reason } = await client.closed;
  const other = await refused({ token: `down-${secret}` });
  const bad = await connect(`bad-${secret}`);
  const said = [
    client.frames.filter(({ type }) => type !== 'welcome'),
    reason,
    client.webSocket.protocol,
    other,
    telemetry,
    await bad.closed,
  ];
  expect(JSON.stringify(said).replaceAll('"user_id":"s3cret"', '')).not.toContain(secret);
});
