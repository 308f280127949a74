// S3, R7: pages that were written for a legacy manager keep working against a service that lets them, and see what all others see.
import { legacyDialect } from '@throughline/compat/legacy-dialect';
import { getWebSocketManager, type ServiceOptions } from '@throughline/core';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type LegacyFrame, type OldPage, openOldPage } from '../src/old-page.js';
import { startTestService, type TestService } from '../src/test-service.js';
import { tokenOf } from '../src/tokens.js';

beforeAll(() => {
  process.noDeprecation = true;
});
afterEach(() => vi.restoreAllMocks());

const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** Lets an agent answer what a page says; it waits for the gate before it ends. */
function answering(gate: Promise<void> = Promise.resolve()): Partial<ServiceOptions> {
  return {
    dialects: [legacyDialect()],
    onMessage: async ({ id, thread_id, data }, userContext) => {
      const { text } = data as { text: string };
      const options = { agent_name: 'adder', thread_id, message_id: id, task_description: text };
      await getWebSocketManager(userContext).run(options, async (run) => {
        await run.thinking({ reasoning: 'Adding.' });
        const tool = await run.toolExecuting({ tool_name: 'calculator', parameters: { text } });
        await tool.completed({ results: { sum: 2 } });
        for (const piece of ['One and one ', 'is two.']) run.text(piece);
        await Promise.race([gate, new Promise((resolve) => run.signal.addEventListener('abort', resolve))]);
        run.signal.throwIfAborted();
        return { final_response: 'One and one is two.' };
      });
    },
  };
}

async function openAs(service: TestService, user: string, query = ''): Promise<OldPage> {
  const page = await openOldPage(`${service.url}${query}`, ['jwt-auth', `jwt.${base64url(await tokenOf(user))}`]);
  onTestFinished(() => page[Symbol.dispose]());
  await page.next('connection_established');
  return page;
}

/** What an old page shows: it appends what comes, and clears when a run begins. */
function shownBy({ frames }: { readonly frames: readonly LegacyFrame[] }): string {
  let shown = '';
  for (const { type, payload } of frames) {
    if (type === 'agent_started') shown = '';
    if (type === 'partial_result') shown += String(payload['content']);
    const { response } = payload;
    if (type === 'agent_completed' && typeof response === 'string') shown = response;
  }
  return shown;
}

describe('S3 an old page', () => {
  test('is welcomed, asks, and sees the five events and the answer', async () => {
    await using service = await startTestService(answering());
    const page = await openAs(service, 'ada');
    const native = await service.open('ada');
    page.send({ type: 'user_message', payload: { content: 'One and one?', thread_id: 't-1', message_id: 'm-1' } });
    const { data } = await page.next('agent_completed');
    expect(page.protocol).toBe('jwt-auth');
    expect(page.frames[0]?.data).toMatchObject({ user_id: 'ada', connection_ready: true });
    expect(page.frames.map(({ type }) => type).filter((type) => type !== 'partial_result')).toEqual([
      'connection_established',
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_completed',
    ]);
    expect(data).toMatchObject({ agent_name: 'adder', thread_id: 't-1', status: 'completed' });
    expect(shownBy(page)).toBe('One and one is two.');
    // What is said in throughline.v1 beside it is the same, and in its own words.
    await native.next('agent_completed');
    const place = (one: object) => [Reflect.get(one, 'type'), Reflect.get(one, 'run_id'), Reflect.get(one, 'seq')];
    expect(page.frames.slice(1).map(place)).toEqual(native.events().map(place));
    expect(native.frames[0]).toMatchObject({ type: 'welcome', user_id: 'ada' });
  });

  test('S8 stops what its user’s agents do, and nobody else’s', async () => {
    await using service = await startTestService(answering(new Promise(() => {})));
    const [page, neighbour] = [await openAs(service, 'ada'), await openAs(service, 'bob')];
    for (const one of [page, neighbour])
      one.send({ type: 'chat', payload: { text: 'One and one?', thread_id: 't-1' } });
    await Promise.all([page.next('partial_result'), neighbour.next('partial_result')]);
    page.send({ type: 'stop_agent', payload: { thread_id: 't-1' } });
    expect((await page.next('agent_completed')).data).toMatchObject({ outcome: 'cancelled', status: 'cancelled' });
    expect(service.service.health().runs).toBe(1);
    neighbour.send({ type: 'stop_agent' });
    await neighbour.next('agent_completed');
  });

  test('S7 R1 that comes back while an agent works reads the run from its beginning', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await using service = await startTestService(answering(gate));
    const page = await openAs(service, 'ada');
    page.send({ type: 'chat', payload: { text: 'One and one?', thread_id: 't-1' } });
    await page.next('partial_result');
    page[Symbol.dispose]();
    await page.closed;
    const back = await openAs(service, 'ada');
    open();
    await back.next('agent_completed');
    expect(back.frames[1]?.type).toBe('agent_started');
    expect(shownBy({ frames: [...page.frames, ...back.frames] })).toBe('One and one is two.');
  });

  test('hears of what it may not do, stays, and is answered', async () => {
    await using service = await startTestService(answering());
    const page = await openAs(service, 'ada');
    page.send({ type: 'stop_agent', run_id: 'of-nobody' });
    expect((await page.next('error')).data).toMatchObject({ code: 'RUN_UNKNOWN' });
    page.send({ type: 'typing', payload: {} });
    page.send({ type: 'ping', id: 'p-1' });
    expect(await page.next('pong')).toMatchObject({ id: 'p-1' });
    const ignored = await service.told('frame_ignored');
    expect(ignored).toMatchObject({ user_id: 'ada', dialect: 'legacy' });
  });

  test('S1 whatever happens: each page reads its own user’s events, in order, whole', async () => {
    await using service = await startTestService({ dialects: [legacyDialect()] });
    const users = ['ada', 'bob', 'eve'];
    const steps = fc.array(fc.record({ who: fc.nat(2), enters: fc.boolean(), times: fc.nat(20) }), { maxLength: 25 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        round += 1;
        const said = users.map((): string[] => []);
        const pages: { readonly who: number; readonly from: number; readonly page: OldPage }[] = [];
        for (const { who, enters, times } of plan) {
          const words = said[who] as string[];
          const user = `${users[who] ?? ''}-${round}`;
          if (enters) pages.push({ who, from: words.length, page: await openAs(service, user) });
          const manager = await service.managerOf(user);
          for (let time = 0; time < times; time += 1) {
            words.push(`${user} ${words.length}`);
            // Not waited for: a page may come while others are being told.
            void manager.send('legacy.note', { text: words.at(-1) }, { thread_id: 't-1' });
          }
        }
        for (const { who, from, page } of pages) {
          const heard = () => page.frames.filter(({ type }) => type === 'note').map(({ data }) => data['text']);
          await expect.poll(heard).toEqual((said[who] as string[]).slice(from));
          page[Symbol.dispose]();
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe('R7 the token of an old page', () => {
  test.each([
    ['jwt.', (token: string) => ['jwt-auth', `jwt.${token}`]],
    ['jwt-auth.', (token: string) => [`jwt-auth.${token}`, 'jwt-auth']],
    ['bearer.', (token: string) => ['bearer', `bearer.${token}`]],
    ['base64url', (token: string) => ['jwt', `jwt.${base64url(token)}`]],
  ])('opens the door as %s, and is in nothing that the service says', async (_, offering) => {
    await using service = await startTestService({ dialects: [legacyDialect()] });
    const token = await tokenOf('ada');
    using page = await openOldPage(service.url, offering(token));
    expect((await page.next('connection_established')).data).toMatchObject({ user_id: 'ada' });
    const [, , signature = ''] = token.split('.');
    for (const trace of [signature, base64url(token)]) {
      expect(page.transcript()).not.toContain(trace);
      expect(JSON.stringify(service.telemetry)).not.toContain(trace);
    }
  });

  test('in the query, by any name, is let in and warned of once', async () => {
    process.noDeprecation = false;
    onTestFinished(() => {
      process.noDeprecation = true;
    });
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await using service = await startTestService({ dialects: [legacyDialect()] });
    const token = await tokenOf('ada');
    for (const name of ['token', 'jwt', 'access_token', 'token']) {
      using page = await openOldPage(`${service.url}?${name}=${token}`, []);
      await page.next('connection_established');
      expect(page.protocol).toBe('');
    }
    const told = warn.mock.calls.map(([words, options]) => ({ words: String(words), ...(options as object) }));
    expect(told.map((one) => Reflect.get(one, 'code'))).toEqual(['TL_DEP0051', 'TL_DEP0052']);
    expect(JSON.stringify(told) + JSON.stringify(service.telemetry)).not.toContain(token.split('.')[2]);
  });

  test('that is bad is refused with 4401, as everybody’s', async () => {
    await using service = await startTestService({ dialects: [legacyDialect()] });
    using page = await openOldPage(service.url, ['jwt-auth', 'jwt.not-a-token']);
    expect((await page.closed).code).toBe(4401);
    expect(service.telemetry).toContainEqual(
      expect.objectContaining({ kind: 'refused', carrier: 'subprotocol', code: 'CREDENTIAL_REFUSED' }),
    );
  });
});

describe('S3 a service', () => {
  test('that lets no old pages in says so, to them and to its operator', async () => {
    await using service = await startTestService();
    const offering = ['jwt-auth', `jwt.${await tokenOf('ada')}`];
    const client = await service.connect('ada', { protocols: offering });
    const { status, body } = await client.response;
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ detail: expect.stringContaining('legacyDialect()') });
    expect(service.telemetry.at(-1)).toMatchObject({ kind: 'refused', hint: expect.stringContaining('dialects') });
  });

  test('that lets them in speaks throughline.v1 with whoever offers it', async () => {
    await using service = await startTestService({ dialects: [legacyDialect()] });
    const token = await tokenOf('ada');
    const client = await service.open('', { protocols: ['jwt-auth', 'throughline.v1', `bearer.${token}`] });
    expect((await client.response).headers['sec-websocket-protocol']).toBe('throughline.v1');
  });
});
