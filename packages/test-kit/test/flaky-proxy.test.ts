import { afterEach, describe, expect, test } from 'vitest';
import {
  type Fault,
  type FlakyProxy,
  type FlakyProxyOptions,
  flakyProxy,
  history,
  type RawClient,
  randomScript,
  startTestService,
  type TestClient,
  type TestService,
  type TestUser,
} from '../src/index.js';

const patient = { deadlineMs: 15_000 };
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

interface Stage {
  readonly service: TestService;
  readonly ada: TestUser;
  readonly proxy: FlakyProxy;
  raw(): RawClient;
}

async function stage(options: FlakyProxyOptions = {}): Promise<Stage> {
  const service = await startTestService();
  const ada = await service.user('ada');
  const proxy = await flakyProxy(service.url, options);
  open.push(service, proxy);
  return { service, ada, proxy, raw: () => ada.raw({ url: proxy.url }) };
}

async function say({ ada }: Stage, steps: number): Promise<void> {
  for (let step = 1; step <= steps; step += 1) await ada.manager.send('acme.step', step, { thread_id: 't-1' });
}

describe('S11 a flaky proxy', () => {
  test('carries everything, and counts it', async () => {
    const on = await stage();
    const page = on.raw();
    await page.welcomed(patient);
    await say(on, 3);
    await page.next(({ type, ...more }) => type === 'acme.step' && 'data' in more && more.data === 3, patient);
    expect(on.proxy.links[0]?.carried.down).toMatchObject({ frames: 4, bytes: page.received });
    page.send({ type: 'ping', id: 'p-1' });
    await page.next('pong', patient);
    expect(on.proxy.links[0]?.carried.up.frames).toBe(1);
  });

  test.each(['reset', 'fin'] as const)('cuts now, with a %s', async (how) => {
    const on = await stage();
    const page = on.raw();
    await page.welcomed(patient);
    on.proxy.apply({ fault: 'cut', how });
    expect(await page.closed(patient)).toMatchObject({ code: 1006, reset: how === 'reset' });
    await on.proxy.links[0]?.closed;
  });

  test.each([0, 1, 150, 900])('cuts at byte %i, exactly', async (byte) => {
    const on = await stage({ script: [[{ fault: 'cut', how: 'fin', at: { byte } }]] });
    await say(on, 20);
    const page = on.ada.raw({ url: on.proxy.url, from: await beginning(on) });
    await page.closed(patient);
    expect(page.received).toBe(byte);
  });

  test.each([0, 1, 4])('cuts behind frame %i, exactly', async (frame) => {
    const on = await stage({ script: [[{ fault: 'cut', how: 'fin', at: { frame } }]] });
    await say(on, 5);
    const page = on.ada.raw({ url: on.proxy.url, from: await beginning(on) });
    await page.closed(patient);
    expect(page.wire).toHaveLength(frame);
  });

  test('cuts behind a frame of the client', async () => {
    const on = await stage({ script: [[{ fault: 'cut', at: { direction: 'up', frame: 2 } }]] });
    const page = on.raw();
    await page.welcomed(patient);
    for (const id of ['1', '2', '3']) page.send({ type: 'message', id, thread_id: 't-1', data: 1 });
    await page.closed(patient);
    expect(on.proxy.links[0]?.carried.up.frames).toBe(2);
  });

  test.each(['up', 'down'] as const)('is half-open: what goes %s vanishes', async (direction) => {
    const on = await stage();
    const page = on.raw();
    await page.welcomed(patient);
    on.proxy.apply({ fault: 'swallow', direction });
    page.send({ type: 'ping', id: 'p-1' });
    await say(on, 1);
    if (direction === 'up') await page.next('acme.step', patient);
    await expect(page.next('pong', { deadlineMs: 50 })).rejects.toThrow(/The connection is open/);
    expect(page.frames.some(({ type }) => type === 'acme.step')).toBe(direction === 'up');
  });

  test('is slow: latency with jitter, and little bandwidth', async () => {
    const on = await stage({
      script: [
        [
          { fault: 'latency', direction: 'down', ms: 5, jitterMs: 20 },
          { fault: 'bandwidth', bytesPerSecond: 200_000 },
        ],
      ],
    });
    const page = on.raw();
    await page.welcomed(patient);
    await say(on, 50);
    await page.next((frame) => 'data' in frame && frame.data === 50, patient);
    expect(history(page).exactlyOnceInOrder().events).toHaveLength(50);
  });

  test('stalls with real backpressure, and flows again', async () => {
    const on = await stage();
    const page = on.raw();
    await page.welcomed(patient);
    on.proxy.apply({ fault: 'stall', direction: 'down' });
    const filler = '.'.repeat(200_000);
    for (let row = 0; row < 60; row += 1) await on.ada.manager.send('acme.row', { row, filler }, { thread_id: 't-1' });
    await expect.poll(() => on.service.service.lag().length).toBe(1);
    on.proxy.apply({ fault: 'flow', direction: 'down' });
    await expect.poll(() => on.service.service.lag().length).toBe(0);
    history(page).exactlyOnceInOrder();
  });

  test.each([1012, 1006, 4408])('closes with %i', async (code) => {
    const on = await stage();
    const page = on.raw();
    await page.welcomed(patient);
    on.proxy.apply({ fault: 'close', code, reason: 'a deploy' });
    expect(await page.closed(patient)).toEqual({ code, reason: 'a deploy', reset: false });
  });

  test('strips header fields', async () => {
    const on = await stage({ script: [[{ fault: 'strip', headers: ['upgrade', 'Connection'] }]] });
    expect((await on.raw().answered(patient)).status).toBe(426);
    expect((await on.raw().answered(patient)).status).toBe(101);
  });

  test('is a black hole, and refuses', async () => {
    const on = await stage({ script: [[{ fault: 'black_hole' }], [{ fault: 'refuse' }]] });
    const lost = on.raw();
    await lost.connected(patient);
    await expect(lost.answered({ deadlineMs: 50 })).rejects.toThrow(/the upgrade is not answered yet/);
    const refused = on.raw();
    expect(await refused.closed(patient)).toMatchObject({ code: 1006 });
    on.proxy.refuse();
    await on.raw().closed(patient);
    on.proxy.admit();
    await on.raw().welcomed(patient);
    expect(on.service.telemetry.filter(({ kind }) => kind === 'session_opened')).toHaveLength(1);
  });

  test('connects twice', async () => {
    const on = await stage({ script: [[{ fault: 'duplicate' }]] });
    const page = on.raw();
    await page.welcomed(patient);
    await expect.poll(() => on.service.telemetry.filter(({ kind }) => kind === 'session_opened').length).toBe(2);
    await say(on, 1);
    await page.next('acme.step', patient);
    history(page).exactlyOnceInOrder();
  });

  test('moves its target', async () => {
    const on = await stage();
    await using other = await startTestService();
    on.proxy.target = other.url;
    await using page = (await other.user('bob')).raw({ url: on.proxy.url });
    expect(await page.welcomed(patient)).toMatchObject({ user_id: 'bob' });
  });

  test('refuses what comes too late, and options that contradict each other', async () => {
    const on = await stage();
    await on.raw().welcomed(patient);
    expect(() => on.proxy.apply({ fault: 'refuse' })).toThrow(/is for the script/);
    await expect(flakyProxy('nowhere')).rejects.toThrow(/is a URL/);
    await expect(flakyProxy(on.service.url, { script: [], random: {} })).rejects.toThrow(/not both/);
  });
});

describe('a flaky proxy ends', () => {
  test.each(['close', 'dispose'] as const)(
    'by %s, when the service has closed before it under a live client',
    async (how) => {
      const service = await startTestService();
      const proxy = await flakyProxy(service.url);
      const page = (await service.user('ada')).client({ url: proxy.url });
      await page.live(patient);
      await service.close();
      await (how === 'close' ? proxy.close() : proxy[Symbol.asyncDispose]());
      await proxy.links[0]?.closed;
      expect(proxy.links[0]?.open).toBe(false);
    },
  );

  test('when a side that has said its end is cut', async () => {
    const on = await stage();
    const page = on.raw();
    await page.welcomed(patient);
    page.end();
    on.proxy.apply({ fault: 'cut' });
    await on.proxy.links[0]?.closed;
    expect(on.proxy.links[0]?.open).toBe(false);
  });
});

describe('R20 faults and options that are none are refused', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ fault: 'cutt' }, /no fault cutt/],
    [undefined, /no fault undefined/],
    [{ fault: 'toString' }, /no fault toString/],
    [{ fault: 'cut', how: 'rst' }, /how must be/],
    [{ fault: 'cut', at: { frames: 3 } }, /at must be/],
    [{ fault: 'cut', at: { frame: -1 } }, /at must be/],
    [{ fault: 'cut', after: 3 }, /no option after of the fault cut/],
    [{ fault: 'close' }, /code must be/],
    [{ fault: 'swallow' }, /direction must be/],
    [{ fault: 'stall', direction: 'down', ms: '5' }, /ms must be/],
    [{ fault: 'bandwidth', bytesPerSecond: 0 }, /bytesPerSecond must be/],
    [{ fault: 'strip', headers: 'upgrade' }, /headers must be/],
  ];

  test.each(wrong)('%o', async (fault, message) => {
    const on = await stage();
    await on.raw().welcomed(patient);
    expect(() => on.proxy.apply(fault as Fault)).toThrow(message);
    expect(() => on.proxy.links[0]?.apply(fault as Fault)).toThrow(message);
    const script = [[], [fault as Fault]];
    await expect(flakyProxy(on.service.url, { script })).rejects.toThrow(message);
    const proxy = await flakyProxy(on.service.url, { script: () => [fault as Fault] });
    await on.ada.raw({ url: proxy.url }).closed(patient);
    await expect(proxy.close()).rejects.toThrow(message);
  });

  test('options', async () => {
    const on = await stage();
    const given = [{ scripts: [] }, { random: { seeds: 1 } }, { script: {} }] as unknown as FlakyProxyOptions[];
    for (const [index, message] of [/no option scripts/, /no option seeds/, /is a list of scripts/].entries()) {
      await expect(flakyProxy(on.service.url, given[index])).rejects.toThrow(message);
    }
  });
});

describe('S11 chance', () => {
  test('prints its seed, and plays the same for the same seed', async () => {
    const printed: string[] = [];
    const on = await stage({ random: {}, print: (line) => printed.push(line) });
    expect(printed).toEqual([`flakyProxy: seed ${on.proxy.seed}`]);
    const scripts = (seed: number | string) =>
      Array.from({ length: 20 }, (_, connection) => randomScript(seed, connection));
    expect(scripts(on.proxy.seed ?? '')).toEqual(scripts(on.proxy.seed ?? ''));
    expect(scripts(1)).not.toEqual(scripts(2));
    const kinds = new Set(
      Array.from({ length: 50 }, (_, seed) => scripts(seed))
        .flat(2)
        .map(({ fault }) => fault),
    );
    expect([...kinds].sort()).toEqual(['bandwidth', 'close', 'cut', 'duplicate', 'latency', 'refuse', 'stall']);
  });

  test.each([1, 2, 3])('S11 R20 a page behind it (seed %i) reads what one at rest reads', async (seed) => {
    const on = await stage({ random: { seed, connections: 4 }, print: () => {} });
    const [page, rest] = [on.ada.client({ url: on.proxy.url }), on.ada.client()];
    await rest.live(patient);
    const run = await on.ada.manager.startRun({ agent_name: 'a', thread_id: 't-1' });
    await has(page, 'agent_started');
    for (let step = 1; step <= 30; step += 1) {
      run.text(`word ${step}, `);
      await run.flushed();
    }
    await run.completed();
    await rest.next('agent_completed', patient);
    await has(page, 'agent_completed');
    const { runs } = history(page, { seed }).exactlyOnceInOrder().equalsUndisturbed(rest);
    expect(runs.get(run.run_id)?.text).toMatch(/^word 1, .*word 30, $/);
  });
});

/** Waits until a page was given an event, and sees to it that it does not wait for its backoff. */
async function has(page: TestClient, type: string): Promise<void> {
  await expect
    .poll(() => {
      if (page.status.state === 'offline') page.connect();
      return page.frames.some((frame) => frame.type === type);
    })
    .toBe(true);
}

async function beginning({ ada }: Stage): Promise<string> {
  const first = ada.raw();
  const { position } = await first.welcomed(patient);
  return `${position.split('.')[0]}.0.00000000`;
}
