// Who may be spoken for: credentials, sign-ins, tickets, narrowed contexts, revocation, erasure.
import { createServer } from 'node:http';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Credentials, Identity } from '../src/authenticator.js';
import { isThroughlineError } from '../src/errors.js';
import type { EventLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { narrowUserContext } from '../src/narrowing.js';
import type { UserContext } from '../src/user-context.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { byName, listen, startService } from './running-service.js';

/** `ada#laptop` is Ada's sign-in on her laptop. */
const bySignIn = (credentials: Credentials): Identity | null => {
  const [token = '', grant_id] = credentials.token.split('#');
  const identity = byName({ ...credentials, token });
  return identity && grant_id !== undefined ? { ...identity, grant_id } : identity;
};

const code = (error: unknown) => (isThroughlineError(error) ? error.code : error);
const codeOf = async (work: () => unknown) => {
  try {
    await work();
    return 'nothing was refused';
  } catch (error) {
    return code(error);
  }
};

describe('credentials', () => {
  test('R7 the first carrier that is present is judged, in a fixed order', async () => {
    const { enter, connect, port } = await startService({ cookieName: 'session' });
    const host = { origin: `http://127.0.0.1:${port}` };
    const both = await enter('ada', {
      headers: { cookie: 'session=ada' },
      protocols: ['throughline.v1', 'bearer.ada'],
    });
    expect(both.frames[0]).toMatchObject({ user_id: 'ada' });
    const badFirst = await connect('bad', { headers: { cookie: 'session=ada', ...host } });
    expect(await badFirst.closed).toMatchObject({ code: 4401 });
    const base64 = await connect(undefined, {
      protocols: ['throughline.v1', `bearer64.${btoa('ada').replaceAll('=', '')}`],
    });
    expect(await base64.next()).toMatchObject({ type: 'welcome', user_id: 'ada' });
  });

  test('R9 two that name two users are refused with 4403, one that is not valid beside one that is counts for nothing', async () => {
    const { connect, telemetry } = await startService();
    const two = await connect('ada', { protocols: ['throughline.v1', 'bearer.grace'] });
    expect(await two.closed).toMatchObject({ code: 4403 });
    const tenants = await connect('ada', {
      protocols: ['throughline.v1', `bearer64.${btoa('ada@acme').replaceAll('=', '')}`],
    });
    expect(await tenants.closed).toMatchObject({ code: 4403 });
    expect(telemetry.map((event) => 'code' in event && event.code)).toContain('CREDENTIALS_DISAGREE');
    const stale = await connect('ada', { protocols: ['throughline.v1', 'bearer.bad'] });
    expect(await stale.next()).toMatchObject({ user_id: 'ada' });
  });

  test('R7 the operator is told where it was looked and which hop to suspect; the stranger is not', async () => {
    const { connect, telemetry } = await startService();
    const client = await connect(undefined, {
      headers: { via: '1.1 edge-7 (varnish)', 'x-forwarded-for': '198.51.100.1' },
    });
    expect(await client.closed).toEqual({ code: 4401, reason: 'no credential' });
    expect(telemetry[0]).toMatchObject({
      kind: 'refused',
      code: 'CREDENTIAL_MISSING',
      carrier: 'none',
      hint: 'looked at authorization, subprotocol, ticket; taken out by a proxy? via: 1.1 edge-7 (varnish)',
    });
  });
});

describe('tenants', () => {
  test('S9 R9 users of two tenants share nothing, whatever their ids hold', async () => {
    const id = fc.oneof(
      fc.constantFrom('a', 'a","b', '["a"]', 'a:b', 'a/b', 'a.b', '\\', '"', 'default', '__proto__', 'constructor'),
      fc.string({
        unit: fc.integer({ min: 33, max: 126 }).map((unit) => String.fromCharCode(unit)),
        minLength: 1,
        maxLength: 20,
      }),
    );
    const log = memoryLog();
    onTestFinished(() => log.close());
    await fc.assert(
      fc.asyncProperty(id, id, id, id, async (tenant, user, otherTenant, otherUser) => {
        const same = tenant === otherTenant && user === otherUser;
        const mine = await log.open({ tenant_id: tenant, user_id: user });
        const theirs = await log.open({ tenant_id: otherTenant, user_id: otherUser });
        expect(mine === theirs).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });

  test('S9 a user of a tenant is another than the user of the same id without one', async () => {
    const { enter, managerOf } = await startService();
    const [bare, acme] = [await enter('ada'), await enter('ada@acme')];
    await (await managerOf('ada@acme')).send('acme.note', { secret: 1 }, { thread_id: 't' });
    expect(await acme.until('acme.note')).toMatchObject({ user_id: 'ada', tenant_id: 'acme' });
    await (await managerOf('ada')).send('acme.mark', {}, { thread_id: 't' });
    expect(await bare.until('acme.mark')).not.toHaveProperty('tenant_id');
    expect(bare.offsets).toEqual([1]);
  });
});

describe('S9 contexts are refused, and the error says why', () => {
  test('of another service, by both names', async () => {
    const [chat, mail] = [await startService({ name: 'chat' }), await startService({ name: 'mail' })];
    const context = await chat.service.authenticate({ token: 'ada' });
    for (const give of [() => mail.service.revoke(context), () => mail.service.issueTicket(context)]) {
      expect(give).toThrow(/service "chat", not "mail"/);
    }
  });

  test('of another copy of the package, by the name of its service', async () => {
    const { service } = await startService({ name: 'chat' });
    vi.resetModules();
    const copy = (await import('../src/user-manager.js')) as typeof import('../src/user-manager.js');
    expect(copy.getWebSocketManager).not.toBe(getWebSocketManager);
    const context = await service.authenticate({ token: 'ada' });
    expect(() => copy.getWebSocketManager(context)).toThrow(/"chat" through a copy, or another copy of the package/);
    expect(() => getWebSocketManager(context)).not.toThrow();
  });

  test('two services on one path, by both names', async () => {
    const server = createServer();
    await listen(server);
    await startService({ name: 'chat', server });
    expect(await codeOf(() => startService({ name: 'mail', server }))).toBe('PATH_TAKEN');
    await expect(startService({ name: 'mail', server })).rejects.toThrow(/"mail" cannot serve \/ws: service "chat"/);
  });
});

describe('revocation', () => {
  test('S9 R14 by context: what was minted under its sign-in, and nothing else', async () => {
    const { service, enter } = await startService({ authenticate: bySignIn });
    const [laptop, phone] = [await enter('ada#laptop'), await enter('ada#phone')];
    const contexts = await Promise.all(
      ['ada#laptop', 'ada#phone', 'grace'].map((token) => service.authenticate({ token })),
    );
    const [onLaptop, onPhone, grace] = contexts as [UserContext, UserContext, UserContext];
    const narrowed = narrowUserContext(onLaptop, { thread_id: 't' });
    expect(service.revoke(onLaptop)).toBe(1);
    expect(await laptop.closed).toEqual({ code: 4401, reason: 'signed out' });
    expect(await codeOf(() => getWebSocketManager(onLaptop))).toBe('CONTEXT_REVOKED');
    expect(await codeOf(() => getWebSocketManager(narrowed))).toBe('CONTEXT_REVOKED');
    expect(getWebSocketManager(onPhone).user_id).toBe('ada');
    expect(getWebSocketManager(grace).user_id).toBe('grace');
    phone.send({ type: 'ping', id: 'p' });
    expect(await phone.until('pong')).toBeDefined();
    // Signing in anew begins anew.
    expect(getWebSocketManager(await service.authenticate({ token: 'ada#laptop' })).user_id).toBe('ada');
  });

  test('S9 by context, where sign-ins are not told apart: everything of the user', async () => {
    const { service, enter } = await startService();
    const [one, two, other] = [await enter('ada'), await enter('ada'), await enter('grace')];
    expect(service.revoke(await service.authenticate({ token: 'ada' }))).toBe(2);
    expect(await Promise.all([one.closed, two.closed])).toMatchObject([{ code: 4401 }, { code: 4401 }]);
    expect(other.webSocket.readyState).toBe(1);
  });

  test('S9 by ids, for an operator: that user of that tenant, or one session', async () => {
    const { service, enter } = await startService({ authenticate: bySignIn });
    const [laptop, phone, acme] = [await enter('ada#laptop'), await enter('ada#phone'), await enter('ada@acme')];
    expect(service.revoke({ session_id: String(laptop.frames[0]?.session_id) })).toBe(1);
    expect(await laptop.closed).toMatchObject({ code: 4401 });
    expect(service.revoke({ session_id: 'nobody' })).toBe(0);
    expect(service.revoke({ user_id: 'ada' })).toBe(1);
    expect(await phone.closed).toMatchObject({ code: 4401 });
    expect(service.revoke({ user_id: 'ada', tenant_id: 'acme' })).toBe(1);
    expect(await acme.closed).toMatchObject({ code: 4401 });
    const forged = { user_id: 'ada', tenant_id: 'acme', claims: {} } as unknown as UserContext;
    expect(await codeOf(() => service.revoke(forged))).toBe('CONTEXT_FORGED');
    expect(await codeOf(() => service.revoke({ user_id: 'a b' }))).toBe('ID_INVALID');
  });

  test('S9 R14 in the moment in which a session opens: what is unfinished stays unread, and other sign-ins stay', async () => {
    let revoke = () => {};
    const { service, connect, enter, managerOf } = await startService({
      authenticate: bySignIn,
      telemetry: ({ kind }) => kind === 'session_opened' && revoke(),
    });
    const run = await (await managerOf('ada#phone')).startRun({ agent_name: 'a', thread_id: 't' });
    const phone = await enter('ada#phone');
    const onLaptop = await service.authenticate({ token: 'ada#laptop' });
    let closed: number | undefined;
    revoke = () => {
      closed = service.revoke(onLaptop);
      revoke = () => {};
    };
    const laptop = await connect('ada#laptop');
    await run.completed();
    expect(await laptop.closed).toEqual({ code: 4401, reason: 'signed out' });
    expect({ frames: laptop.frames, closed }).toEqual({ frames: [], closed: 0 });
    expect(await phone.until('agent_completed')).toMatchObject({ run_id: run.run_id });
    await expect.poll(() => service.health().sessions).toBe(1);
  });

  test('S9 R14 a run that was admitted goes on', async () => {
    const { service, enter, managerOf } = await startService();
    const run = await (await managerOf('ada')).startRun({ agent_name: 'a', thread_id: 't' });
    service.revoke({ user_id: 'ada' });
    await run.thinking({ reasoning: 'still here' });
    await run.completed();
    const back = await enter('ada', { from: 'active' });
    expect(back.frames[0]).toMatchObject({ head: 3 });
  });
});

describe('narrowed contexts', () => {
  test('S9 speak in their thread alone, and cannot be widened', async () => {
    const { service } = await startService();
    const whole = await service.authenticate({ token: 'ada' });
    const narrow = narrowUserContext(whole, { thread_id: 't' });
    const manager = getWebSocketManager(narrow);
    expect(manager.scope).toEqual({ thread_id: 't' });
    await manager.send('acme.note', {}, { thread_id: 't' });
    await manager.run({ agent_name: 'a', thread_id: 't' }, async () => {});
    expect(await codeOf(() => manager.send('acme.note', {}, { thread_id: 'u' }))).toBe('SCOPE_EXCEEDED');
    expect(await codeOf(() => manager.startRun({ agent_name: 'a', thread_id: 'u' }))).toBe('SCOPE_EXCEEDED');
    expect(await codeOf(() => narrowUserContext(narrow, { thread_id: 'u' }))).toBe('SCOPE_EXCEEDED');
    expect(await codeOf(() => service.issueTicket(narrow))).toBe('SCOPE_EXCEEDED');
    expect(await codeOf(() => narrowUserContext({ ...whole } as UserContext, { thread_id: 't' }))).toBe(
      'CONTEXT_FORGED',
    );
    expect(getWebSocketManager(whole).scope).toBeUndefined();
  });

  test('S9 for a run, begin only what that run started', async () => {
    const { service, enter } = await startService();
    const client = await enter('ada');
    const whole = await service.authenticate({ token: 'ada' });
    const manager = getWebSocketManager(narrowUserContext(whole, { thread_id: 't', run_id: 'parent' }));
    await manager.run({ agent_name: 'helper', thread_id: 't' }, async () => {});
    expect(await client.until('agent_started')).toMatchObject({ data: { parent_run_id: 'parent' } });
    const foreign = { agent_name: 'helper', thread_id: 't', parent_run_id: 'other' };
    expect(await codeOf(() => manager.startRun(foreign))).toBe('SCOPE_EXCEEDED');
    expect(await codeOf(() => manager.send('acme.note', {}, { thread_id: 't' }))).toBe('SCOPE_EXCEEDED');
  });

  test('S9 end when their time is over', async () => {
    const { service } = await startService();
    const whole = await service.authenticate({ token: 'ada' });
    const brief = narrowUserContext(whole, { thread_id: 't' }, { ttlMs: 1 });
    await vi.waitFor(async () => expect(await codeOf(() => getWebSocketManager(brief))).toBe('CONTEXT_ENDED'));
    expect(await codeOf(() => narrowUserContext(whole, { thread_id: 't' }, { ttlMs: 0 }))).toBe('OPTION_INVALID');
  });
});

describe('tickets', () => {
  test('S9 open one session, in the name of their context, as long as its credential', async () => {
    const expires = Date.now() + 60_000;
    const { service, connect } = await startService({ authenticate: bySignIn });
    const context = await service.authenticate({ token: `ada@acme~${expires}#laptop` });
    const { ticket } = service.issueTicket(context);
    expect(service.peekTicket(ticket)).toEqual({ user_id: 'ada', tenant_id: 'acme' });
    const path = `/ws?ticket=${ticket}&`;
    const attempts = await Promise.all([1, 2, 3].map(() => connect(undefined, { path })));
    const outcomes = await Promise.all(
      attempts.map((client) => Promise.race([client.next(), client.closed]).catch(() => client.closed)),
    );
    const welcomes = outcomes.filter((outcome) => 'type' in outcome);
    expect(welcomes).toHaveLength(1);
    expect(outcomes.filter((outcome) => 'code' in outcome && outcome.code === 4401)).toHaveLength(2);
    const [welcome] = welcomes as { user_id?: string; expires_in_ms?: number }[];
    expect(welcome?.user_id).toBe('ada');
    expect(welcome?.expires_in_ms).toBeLessThanOrEqual(60_000);
    // Its session belongs to the sign-in that asked for it.
    expect(service.revoke(context)).toBe(1);
  });

  test('S9 are traded for a credential over HTTP', async () => {
    const server = createServer((request, response) => running.service.ticketHandler(request, response));
    const running = await startService({ server, cookieName: 'session' });
    const ask = (init: RequestInit) => fetch(`http://127.0.0.1:${running.port}/ticket`, init);
    const given = await ask({ method: 'POST', headers: { authorization: 'Bearer ada' } });
    expect([given.status, given.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { ticket } = (await given.json()) as { ticket: string };
    const client = await running.connect(undefined, { path: `/ws?ticket=${ticket}&` });
    expect(await client.next()).toMatchObject({ user_id: 'ada' });

    const refusals = [
      [{ method: 'GET' }, 405, 'METHOD_NOT_ALLOWED'],
      [{ method: 'POST' }, 401, 'CREDENTIAL_MISSING'],
      [{ method: 'POST', headers: { authorization: 'Bearer bad' } }, 401, 'CREDENTIAL_REFUSED'],
      [{ method: 'POST', headers: { authorization: 'Bearer down' } }, 503, 'AUTHENTICATOR_DOWN'],
      [{ method: 'POST', headers: { cookie: 'session=ada' } }, 403, 'ORIGIN_FORBIDDEN'],
      [{ method: 'POST', headers: { cookie: 'session=ada', origin: 'http://evil.example' } }, 403, 'ORIGIN_FORBIDDEN'],
    ] as const;
    for (const [init, status, problem] of refusals) {
      const answer = await ask(init);
      expect([answer.status, (await answer.json()) as unknown]).toEqual([
        status,
        expect.objectContaining({ code: problem }),
      ]);
    }
  });
});

test('S9 R13 forgetting a user ends runs, erases the log, and tells every open page', async () => {
  const { service, enter, managerOf } = await startService();
  const [page, neighbour] = [await enter('ada', { acks: true }), await enter('grace')];
  const manager = await managerOf('ada');
  const run = await manager.startRun({ agent_name: 'a', thread_id: 't' });
  run.text('what nobody shall read again');
  await run.flushed();
  const before = await manager.position();
  await service.forget({ user_id: 'ada' });
  expect(await page.until('reset')).toMatchObject({ cause: 'unknown_epoch' });
  expect(await codeOf(() => run.thinking({ reasoning: 'x' }))).toBe('RUN_ENDED');
  const back = await enter('ada', { from: before });
  expect(back.frames[0]).toMatchObject({ head: 0 });
  expect(await back.until('reset')).toMatchObject({ cause: 'unknown_epoch' });
  // What comes after reaches both, from the beginning.
  await manager.send('acme.note', {}, { thread_id: 't' });
  expect([await page.until('acme.note'), await back.until('acme.note')]).toMatchObject([{ offset: 1 }, { offset: 1 }]);
  expect(neighbour.webSocket.readyState).toBe(1);
});

test('S9 an authenticator that names somebody by what is no id is told so, and nobody is let in', async () => {
  const wrong: Identity[] = [{ user_id: 'a b' }, { user_id: 'a', tenant_id: '' }, { user_id: 'a', grant_id: 'é' }];
  for (const identity of wrong) {
    const { service, connect } = await startService({ authenticate: () => identity });
    expect(await codeOf(() => service.authenticate({ token: 'x' }))).toBe('ID_INVALID');
    expect(await (await connect('x')).closed).toMatchObject({ code: 4401 });
  }
});

test('S9 a log that could not be erased is told, so that it can be tried again', async () => {
  const inner = memoryLog();
  onTestFinished(() => inner.close());
  let works = false;
  const log: EventLog = {
    ...inner,
    open: async (key) => {
      const opened = await inner.open(key);
      return new Proxy(opened, {
        get: (target, name) => {
          if (name === 'erase' && !works) return () => Promise.reject(new Error('no route'));
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
    close: () => inner.close(),
  };
  const { service, managerOf } = await startService({ log });
  await (await managerOf('ada')).send('acme.note', {}, { thread_id: 't' });
  expect(await codeOf(() => service.forget({ user_id: 'ada' }))).toBe('STORE_FAILED');
  works = true;
  await service.forget({ user_id: 'ada' });
  expect(await (await managerOf('ada')).position()).toMatch(/\.0\.00000000$/);
});
