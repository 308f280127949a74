// S9, R9: who may be spoken for. A context is minted by a service, and there is no other way to one.
import { describe, expect, test } from 'vitest';
import type { Identity } from '../src/authenticator.js';
import { getWebSocketManager, type UserContext } from '../src/index.js';
import { startService } from './running-service.js';

async function mint() {
  const running = await startService();
  return { ...running, userContext: await running.service.authenticate({ token: 'ada@acme' }) };
}

type Forgery = (userContext: UserContext) => unknown;

const forgeries: [string, Forgery][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['a user id', () => 'ada'],
  ['a plain object', ({ user_id, tenant_id, claims }) => ({ user_id, tenant_id, claims })],
  ['a copy by spread', (userContext) => ({ ...userContext })],
  [
    'a copy by assign',
    (userContext) => Object.assign(Object.create(Object.getPrototypeOf(userContext)) as object, userContext),
  ],
  ['an heir', (userContext) => Object.create(userContext) as unknown],
  ['a structured clone', (userContext) => structuredClone(userContext)],
  ['what came back from JSON', (userContext) => JSON.parse(JSON.stringify(userContext)) as unknown],
  ['a proxy', (userContext) => new Proxy(userContext, {})],
  [
    'a proxy that lies',
    (userContext) => new Proxy(userContext, { get: (_, name) => (name === 'user_id' ? 'bob' : 'default') }),
  ],
  [
    'an instance of a subclass',
    (userContext) => {
      const Parent = userContext.constructor as new (...parts: unknown[]) => object;
      const user = { key: { user_id: 'bob', tenant_id: 'default' }, generation: 0, runtime: { closed: false } };
      return new (class extends Parent {})(
        { user, generation: 0 },
        { user_id: 'bob', tenant_id: 'default', claims: {} },
      );
    },
  ],
];

describe('refused wherever a context is asked for', () => {
  test.each(forgeries)('%s', async (_, forge) => {
    const { service, userContext } = await mint();
    const forged = forge(userContext) as UserContext;
    expect(() => getWebSocketManager(forged)).toThrow(expect.objectContaining({ code: 'CONTEXT_FORGED' }));
    expect(() => service.revoke(forged)).toThrow(expect.objectContaining({ code: 'CONTEXT_FORGED' }));
  });

  test('the context of another service, where a service is asked', async () => {
    const { userContext } = await mint();
    const { service } = await startService();
    expect(() => service.revoke(userContext)).toThrow(expect.objectContaining({ code: 'CONTEXT_FORGED' }));
    expect(getWebSocketManager(userContext).user_id).toBe('ada');
  });

  test('a context that was revoked, whoever else was not', async () => {
    const { service, userContext } = await mint();
    const other = await service.authenticate({ token: 'bob@acme' });
    service.revoke(userContext);
    expect(() => getWebSocketManager(userContext)).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
    expect(service.revoke(userContext)).toBe(0);
    expect(getWebSocketManager(other).user_id).toBe('bob');
    const anew = await service.authenticate({ token: 'ada@acme' });
    expect(getWebSocketManager(anew).user_id).toBe('ada');
  });

  test('a context whose service is closed', async () => {
    const { service, userContext } = await mint();
    await service.close();
    expect(() => getWebSocketManager(userContext)).toThrow(expect.objectContaining({ code: 'SERVICE_CLOSED' }));
    expect(service.revoke(userContext)).toBe(0);
  });
});

test('a context shows who it is for, and nobody can change it', async () => {
  const claims = { roles: ['reader'] };
  const { service } = await startService({ authenticate: () => ({ user_id: 'ada', claims }) });
  const userContext = await service.authenticate({ token: 'x' });
  expect({ ...userContext }).toEqual({ user_id: 'ada', tenant_id: 'default', claims });
  expect(() => Object.assign(userContext, { user_id: 'bob' })).toThrow(TypeError);
  expect(() => Object.assign(userContext.claims, { admin: true })).toThrow(TypeError);
  expect(() => Object.defineProperty(userContext, 'user_id', { value: 'bob' })).toThrow(TypeError);
});

test('what an authenticator keeps stays its own: it may change its claims, and no context changes with them', async () => {
  const claims: Record<string, unknown> = { role: 'reader' };
  const { service } = await startService({ authenticate: () => ({ user_id: 'ada', claims }) });
  const userContext = await service.authenticate({ token: 'x' });
  claims.role = 'admin';
  expect(userContext.claims).toEqual({ role: 'reader' });
  expect((await service.authenticate({ token: 'x' })).claims).toEqual({ role: 'admin' });
});

test('what an authenticator froze is copied too: behind it may stand what changes', async () => {
  let role = 'reader';
  const claims = Object.freeze({
    get role() {
      return role;
    },
  });
  const { service } = await startService({ authenticate: () => ({ user_id: 'ada', claims }) });
  const userContext = await service.authenticate({ token: 'x' });
  role = 'admin';
  expect(userContext.claims).toEqual({ role: 'reader' });
  expect(Object.getOwnPropertyDescriptor(userContext.claims, 'role')).toMatchObject({ value: 'reader' });
});

test.each([null, undefined])('claims that are %s are none', async (claims) => {
  const identity = { user_id: 'ada', claims } as unknown as Identity;
  const { service } = await startService({ authenticate: () => identity });
  const userContext = await service.authenticate({ token: 'x' });
  expect(userContext.claims).toEqual({});
  expect(() => Object.assign(userContext.claims, { admin: true })).toThrow(TypeError);
});

test('nothing that leads to the service, to a log or to another user can be reached from a context', async () => {
  const { userContext } = await mint();
  const reached: unknown[] = [];
  for (
    let level: object | null = userContext;
    level && level !== Object.prototype;
    level = Object.getPrototypeOf(level) as object | null
  ) {
    for (const name of Reflect.ownKeys(level)) reached.push(typeof name === 'symbol' ? name.description : name);
  }
  // The last says which service minted it: a name, for other copies of the package.
  expect(new Set(reached)).toEqual(new Set(['user_id', 'tenant_id', 'claims', 'throughline.minted-by']));
  expect(Object.getOwnPropertySymbols(userContext).map((name) => Reflect.get(userContext, name))).toEqual([
    'throughline',
  ]);
});

test('the token is nowhere in a context', async () => {
  const { service } = await startService({ authenticate: () => ({ user_id: 'ada' }) });
  const { inspect } = await import('node:util');
  const userContext = await service.authenticate({ token: 's3cret' });
  expect(inspect(userContext, { depth: 20, showHidden: true })).not.toContain('s3cret');
});
