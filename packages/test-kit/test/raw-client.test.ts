import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createFrameSplitter } from '../src/frame-splitter.js';
import {
  encodeFrame,
  type FrameShape,
  history,
  isTestKitError,
  type RawClient,
  rawClient,
  startTestService,
} from '../src/index.js';
import { createResponseReader } from '../src/upgrade.js';

const patient = { deadlineMs: 15_000 };

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('It was not rejected.');
    },
    (error: Error) => error,
  );
}

async function welcomed(client: RawClient): Promise<RawClient> {
  await client.welcomed(patient);
  return client;
}

const ping = JSON.stringify({ type: 'ping', id: 'p-1' });

describe('S11 a raw client', () => {
  test.each<[string, string | Uint8Array, FrameShape, number]>([
    ['an unmasked frame', ping, { mask: false }, 1002],
    ['a payload masked with another key', ping, { maskedWith: Uint8Array.of(1, 2, 3, 4) }, 1007],
    ['a reserved bit', ping, { reserved: 4 }, 1002],
    ['an unknown opcode', ping, { opcode: 11 }, 1002],
    ['a continuation of nothing', ping, { opcode: 'continuation' }, 1002],
    ['a fragmented ping', '', { opcode: 'ping', final: false }, 1002],
    ['a ping that is too long', '.'.repeat(126), { opcode: 'ping' }, 1002],
    ['a binary frame', Buffer.from([0, 255]), { opcode: 'binary' }, 1003],
    ['text that is no UTF-8', Buffer.from([0xc3, 0x28]), {}, 1007],
    ['a length beyond what is read', '', { length: 2n ** 40n }, 1009],
    ['a length beyond what is safe', '', { length: 2n ** 62n }, 1009],
    ['text that is no frame', 'hello', {}, 4400],
  ])('sends %s', async (_, payload, shape, code) => {
    await using service = await startTestService();
    const page = await welcomed((await service.user('ada')).raw());
    page.sendFrame(payload, shape);
    expect((await page.closed(patient)).code).toBe(code);
    expect(page.violations).toEqual([]);
  });

  test('sends legal frames in any shape: partial, in fragments, of a longer length form', async () => {
    await using service = await startTestService();
    const page = await welcomed((await service.user('ada')).raw());
    const frame = encodeFrame(ping);
    page.sendFrame(ping, { bytes: 3 });
    page.write(frame.subarray(3));
    await page.next('pong', patient);
    page.sendFrame(ping.slice(0, 5), { final: false });
    page.ping('in between');
    page.sendFrame(ping.slice(5), { opcode: 'continuation' });
    await page.next('pong', patient);
    page.sendFrame(ping, { mask: Uint8Array.of(0, 0, 0, 0), lengthBits: 16 });
    await page.next('pong', patient);
    expect(page.wire.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString())).toEqual([
      'in between',
    ]);
  });

  test('takes each frame once with next, and finds any with find', async () => {
    await using service = await startTestService();
    const ada = await service.user('ada');
    const page = await welcomed(ada.raw());
    const waiting = [page.next('acme.step', patient), page.next('acme.step', patient)];
    for (const step of [1, 2, 3]) await ada.manager.send('acme.step', step, { thread_id: 't-1' });
    expect((await Promise.all(waiting)).map((frame) => 'data' in frame && frame.data)).toEqual([1, 2]);
    expect(await page.next((frame) => frame.type === 'acme.step')).toMatchObject({ data: 3 });
    expect(await page.find('acme.step')).toMatchObject({ data: 1 });
    expect(page.frames.map(({ type }) => type)).toEqual(['welcome', 'acme.step', 'acme.step', 'acme.step']);
    expect(page.position).toMatch(/\.3\./);
  });

  test('S11 says what was seen when a wait fails, and takes nothing', async () => {
    await using service = await startTestService();
    const ada = await service.user('ada');
    const page = await welcomed(ada.raw());
    await ada.manager.send('acme.step', 1, { thread_id: 't-1' });
    await page.find('acme.step', patient);
    const late = await rejection(page.next('agent_completed', { deadlineMs: 1 }));
    expect(isTestKitError(late, 'WAIT_TIMED_OUT')).toBe(true);
    expect(late.message).toMatch(
      /1 ms for a frame of type agent_completed\. The connection is open\. 2 frames .*\n {2}welcome/,
    );
    expect(late.message).toMatch(/acme\.step outside a run, offset 1, for ada: 1/);
    expect((await page.next('welcome')).type).toBe('welcome');
    page.cut();
    const over = await rejection(page.next('agent_completed'));
    expect(isTestKitError(over, 'CONNECTION_ENDED')).toBe(true);
    expect(over.message).toContain('The connection has ended (1006');
  });

  test('S11 says how an upgrade was refused', async () => {
    await using service = await startTestService();
    const page = rawClient(service.url, { headers: { Origin: 'https://evil.example' } });
    expect(await page.answered(patient)).toMatchObject({ status: 403 });
    expect((await rejection(page.welcomed())).message).toContain('The upgrade was refused: 403');
    const nobody = rawClient(service.url, { token: 'what nobody issued' });
    expect(await nobody.closed(patient)).toMatchObject({ code: 4401 });
  });

  test('stalls: the service meets backpressure, and nothing is lost by it', async () => {
    await using service = await startTestService({ ackWindowBytes: 1_073_741_824 });
    const ada = await service.user('ada');
    const page = await welcomed(ada.raw());
    page.pause();
    const { position = '' } = page;
    const filler = '.'.repeat(200_000);
    for (let row = 0; row < 60; row += 1) await ada.manager.send('acme.row', { row, filler }, { thread_id: 't-1' });
    await expect.poll(() => service.service.lag().length).toBe(1);
    expect(page.frames).toHaveLength(1);
    page.resume();
    const last = await page.next(
      (frame) => frame.type === 'reset' || ('data' in frame && JSON.stringify(frame.data).includes('"row":59')),
      patient,
    );
    // The memory log holds less than what was said: the gap is announced.
    expect(position).toMatch(/\.0\.00000000$/);
    expect(['reset', 'acme.row']).toContain(last.type);
    history(page).exactlyOnceInOrder();
  });

  test('half-closes, cuts, and leaves control frames to the test where it is told to', async () => {
    await using service = await startTestService();
    const ada = await service.user('ada');
    const half = await welcomed(ada.raw());
    half.end();
    expect(await half.closed(patient)).toMatchObject({ reset: false });
    const cut = await welcomed(ada.raw());
    cut.cut();
    await cut.closed(patient);
    await service.told('session_closed', ({ code }) => code === 1006, patient);
    const manual = await welcomed(ada.raw({ closing: 'manual', pongs: 'manual' }));
    manual.close(1000, 'done');
    expect(await manual.closed(patient)).toMatchObject({ code: 1000 });
  });

  test('acknowledges by itself when told to', async () => {
    await using service = await startTestService();
    const ada = await service.user('ada');
    const page = await welcomed(ada.raw({ acks: 'automatic' }));
    const run = await ada.manager.startRun({ agent_name: 'a', thread_id: 't-1' });
    await run.completed();
    await page.next('agent_completed', patient);
    expect(await run.delivered({ timeoutMs: 10_000 })).toMatchObject({ pending: [] });
  });

  test('resumes: what came over both connections is whole', async () => {
    await using service = await startTestService();
    const ada = await service.user('ada');
    const before = await welcomed(ada.raw());
    const run = await ada.manager.startRun({ agent_name: 'a', thread_id: 't-1' });
    await run.thinking({ reasoning: 'Hm.' });
    await before.next('agent_thinking', patient);
    before.cut();
    await run.completed();
    const { position } = before;
    const after = await welcomed(ada.raw({ ...(position !== undefined && { from: position }) }));
    await after.next('agent_completed', patient);
    expect(
      history([before, after])
        .exactlyOnceInOrder()
        .events.map(({ type }) => type),
    ).toEqual(['agent_started', 'agent_thinking', 'agent_completed']);
  });

  test('refuses an address that is none', () => {
    expect(() => rawClient('http://127.0.0.1')).toThrow(/begins with ws: or wss:/);
  });

  test.each([
    { headers: { 'X-One': '1\r\nX-Two: 2' } },
    { headers: { 'X-One: 1\nX-Two': '2' } },
    // The lower byte of this letter is LF.
    { headers: { 'X-One': '1ĊX-Two: 2' } },
    { token: 'one\r\nX-Two: 2', carrier: 'authorization' as const },
    { protocols: ['throughline.v1\r\nX-Two: 2'] },
    { method: 'GET / HTTP/1.1\r\nX-Two: 2' },
  ])('refuses to break a line of the upgrade: %j', (options) => {
    expect(() => rawClient('ws://127.0.0.1:1', options)).toThrow(/holds a line break/);
  });
});

/** Accepts the key of the RFC's own example, which a raw client sends. */
const upgraded = 'HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
const mebibyte = 1_024 * 1_024;

/** Bytes that answer whoever connects: how they come in pieces is the network's business. */
async function answering(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    for (const piece of pieces) socket.write(piece);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `ws://127.0.0.1:${(server.address() as { readonly port: number }).port}/ws`;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('S11 a raw client of a service that says too much at once', () => {
  const fragment = (final: boolean, opcode: 'text' | 'continuation') =>
    encodeFrame(Buffer.alloc(6 * mebibyte, '.'), { mask: false, final, opcode });

  test.each<[what: string, pieces: readonly (string | Uint8Array)[]]>([
    ['an HTTP head of more than 64 KiB', ['HTTP/1.1 101 Yes\r\n', `X-Much: ${'.'.repeat(65_536)}`]],
    ['an HTTP body of more than 1 MiB', ['HTTP/1.1 403 No\r\nContent-Length: 99999999999\r\n\r\n']],
    ['a frame of more than 17 MiB', [upgraded, encodeFrame('.', { mask: false, length: 17 * mebibyte + 1 })]],
    [
      'a message of more than 17 MiB',
      [upgraded, fragment(false, 'text'), fragment(false, 'continuation'), fragment(false, 'continuation')],
    ],
  ])('cuts at %s', async (what, pieces) => {
    const page = rawClient(await answering(...pieces));
    expect(await page.closed(patient)).toMatchObject({ code: 1006, reason: what });
    expect(page.violations).toEqual([what]);
  });

  test('reads the largest event that a service can be set to send', async () => {
    const text = JSON.stringify({ type: 'acme.large', data: '.'.repeat(16 * mebibyte - 2) });
    const page = rawClient(await answering(upgraded, encodeFrame(text, { mask: false })));
    expect(JSON.stringify(await page.next('acme.large', patient)) === text).toBe(true);
    page.cut();
  });

  test('reads an answer that comes in single bytes', () => {
    const answer = Buffer.from('HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nNo.');
    const read = createResponseReader();
    const found = Array.from(answer, (byte) => read(Buffer.of(byte)));
    expect(found.slice(0, -1).every((one) => one === undefined)).toBe(true);
    const response = { status: 403, headers: { 'content-length': '3' }, body: 'No.' };
    expect(found.at(-1)).toEqual({ response, rest: Buffer.alloc(0) });
  });

  test('puts a frame together in linear time, however small the pieces', () => {
    const frame = encodeFrame(Buffer.alloc(mebibyte, 'ab'));
    const splitter = createFrameSplitter();
    for (let at = 0; at < frame.length - 1; at += 1) {
      const byte = frame.subarray(at, at + 1);
      if (splitter.untilEnd(byte) !== Number.POSITIVE_INFINITY) throw new Error(`It ends at ${at}.`);
      splitter.take(byte);
    }
    expect([splitter.rest, splitter.due]).toEqual([frame.length - 1, frame.length]);
    const last = frame.subarray(-1);
    expect(splitter.untilEnd(Buffer.concat([last, frame]))).toBe(1);
    const frames = splitter.take(Buffer.concat([last, frame, frame.subarray(0, 3)]));
    expect(frames.map(({ payload }) => payload.equals(Buffer.alloc(mebibyte, 'ab')))).toEqual([true, true]);
    expect([splitter.rest, splitter.due]).toEqual([3, 0]);
  });
});
