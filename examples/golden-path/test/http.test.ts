import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getWebSocketManager } from '@throughline/core';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoldenPath, startGoldenPath } from '../src/app.js';
import type { History, TokenAnswer } from '../src/history.js';

const password = 'correct horse';
let folder: string;
let app: GoldenPath;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-path-http-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'main.js'), 'export {};');
  await writeFile(join(folder, 'notes.txt'), 'not a page');
  app = await startGoldenPath({
    port: 0,
    dataDirectory: join(folder, 'data'),
    pageDirectory: folder,
    password,
    tokenLifeSeconds: 5,
  });
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const origin = (): string => new URL(app.url).origin;
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(path, app.url), { headers });
const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(path, app.url), {
    method: 'POST',
    headers: { Origin: origin(), 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

/** Logs in and gives the cookie as a browser would send it. */
async function logIn(name = 'ada'): Promise<{ Cookie: string }> {
  const response = await post('/api/login', { name, password });
  expect(response.status).toBe(200);
  return { Cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}
const tokenFor = async (cookie: { Cookie: string }): Promise<string> =>
  ((await (await post('/api/token', undefined, cookie)).json()) as TokenAnswer).token;
const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code;

describe('the page', { timeout: 30_000 }, () => {
  it('comes with headers that let nothing foreign in', async () => {
    const response = await get('/');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|data:/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('is not sent again when it has not changed', async () => {
    const etag = (await get('/main.js')).headers.get('etag') ?? '';
    expect((await get('/main.js', { 'If-None-Match': etag })).status).toBe(304);
  });

  it.each([
    '/notes.txt',
    '/data/token-secret',
    '/..%2fdata%2ftoken-secret',
    '/index.html/../data/token-secret',
    '/api/nothing',
  ])('has nothing at %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await codeOf(response)).toBe('NOT_FOUND');
  });
});

describe('logging in', { timeout: 30_000 }, () => {
  it('gives a cookie that scripts and foreign pages cannot use', async () => {
    const response = await post('/api/login', { name: 'ada', password });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(
      /^golden_path_login=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ name: 'ada' });
  });

  it('says the same of a wrong name as of a wrong password', async () => {
    const [wrongPassword, wrongName] = await Promise.all([
      post('/api/login', { name: 'grace', password: 'wrong' }),
      post('/api/login', { name: 'nobody', password }),
    ]);
    expect([wrongPassword.status, wrongName.status]).toEqual([401, 401]);
    expect(await wrongPassword.json()).toEqual(await wrongName.json());
    expect(wrongPassword.headers.get('set-cookie')).toBeNull();
  });

  it('slows down guessing, and says for how long', async () => {
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let attempt = 0; attempt < 6; attempt += 1) {
      last = await post('/api/login', { name: 'mallory', password: `guess ${attempt}` });
      statuses.push(last.status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each(['', '{', '[]', '{"name":"ada"}', '{"name":{"$ne":""},"password":1}'])(
    'refuses %j as no log-in',
    async (body) => {
      const response = await post('/api/login', body);
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe('BAD_REQUEST');
    },
  );

  it('refuses a body that is too big', async () => {
    expect((await post('/api/login', { name: 'ada', password: 'x'.repeat(5000) })).status).toBe(413);
  });

  it('ends the log-in this browser had before', async () => {
    const first = await logIn();
    const userContext = await app.service.authenticate({ token: await tokenFor(first) });
    await post('/api/login', { name: 'grace', password }, first);
    expect((await get('/api/history', first)).status).toBe(401);
    expect(() => getWebSocketManager(userContext)).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
  });
});

describe('requests from elsewhere', { timeout: 30_000 }, () => {
  it.each([['http://evil.example'], ['null'], ['not an origin'], ['']])('are refused: Origin %j', async (foreign) => {
    const cookie = await logIn();
    for (const path of ['/api/login', '/api/token', '/api/logout']) {
      const response = await post(path, { name: 'ada', password }, { ...cookie, Origin: foreign });
      expect([path, response.status, await codeOf(response)]).toEqual([path, 403, 'ORIGIN_FORBIDDEN']);
    }
    expect((await get('/api/history', cookie)).status).toBe(200);
  });

  it('are refused without an Origin, and from another port of this host', async () => {
    const cookie = await logIn();
    const bare = await fetch(new URL('/api/token', app.url), { method: 'POST', headers: cookie });
    expect(bare.status).toBe(403);
    expect((await post('/api/token', undefined, { ...cookie, Origin: 'http://127.0.0.1:1' })).status).toBe(403);
  });
});

describe('who this browser is', { timeout: 30_000 }, () => {
  it('is told without a fault when it is nobody', async () => {
    const [nobody, forged] = await Promise.all([
      get('/api/login'),
      get('/api/login', { Cookie: 'golden_path_login=forged' }),
    ]);
    expect([nobody.status, await nobody.json(), await forged.json()]).toEqual([200, { name: null }, { name: null }]);
    expect(await (await get('/api/login', await logIn())).json()).toEqual({ name: 'ada' });
  });
});

describe('tokens', { timeout: 30_000 }, () => {
  it('need a log-in', async () => {
    for (const headers of [{}, { Cookie: 'golden_path_login=forged' }, { Cookie: 'golden_path_login=' }]) {
      const response = await post('/api/token', undefined, headers);
      expect([response.status, await codeOf(response)]).toEqual([401, 'SIGNED_OUT']);
    }
  });

  it('are short-lived, for this service only, and open it', async () => {
    const token = await tokenFor(await logIn());
    const { iss, aud, sub, iat = 0, exp = 0 } = decodeJwt(token);
    expect({ iss, aud }).toEqual({ iss: 'throughline-golden-path', aud: 'throughline-golden-path/ws' });
    expect(sub).toMatch(/^user-/);
    expect(exp - iat).toBe(5);
    await expect(app.service.authenticate({ token })).resolves.toMatchObject({ user_id: sub });
  });

  it('are worth nothing after log-out, however long they would last', async () => {
    const cookie = await logIn();
    const token = await tokenFor(cookie);
    expect((await post('/api/logout', undefined, cookie)).status).toBe(204);
    await expect(app.service.authenticate({ token })).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' });
  });

  it('of another key are refused', async () => {
    const claims = decodeJwt(await tokenFor(await logIn()));
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('another key of thirty-two bytes!'));
    await expect(app.service.authenticate({ token: forged })).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' });
  });
});

describe('logging out', { timeout: 30_000 }, () => {
  it('ends the log-in, voids its contexts and clears the cookie', async () => {
    const cookie = await logIn();
    const userContext = await app.service.authenticate({ token: await tokenFor(cookie) });
    const response = await post('/api/logout', undefined, cookie);
    expect(response.status).toBe(204);
    expect(() => getWebSocketManager(userContext)).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
    expect(response.headers.get('set-cookie')).toMatch(/^golden_path_login=; Max-Age=0; Path=\//);
    expect((await post('/api/token', undefined, cookie)).status).toBe(401);
    expect((await get('/api/history', cookie)).status).toBe(401);
  });

  it('leaves another browser of the same user logged in', async () => {
    const [here, there] = [await logIn(), await logIn()];
    await post('/api/logout', undefined, here);
    await expect(app.service.authenticate({ token: await tokenFor(there) })).resolves.toMatchObject({
      user_id: expect.any(String),
    });
  });

  it('of nobody is fine', async () => {
    expect((await post('/api/logout')).status).toBe(204);
  });
});

describe('history', { timeout: 30_000 }, () => {
  it('comes with a position, and with nothing of anybody else', async () => {
    const history = (await (await get('/api/history', await logIn('grace'))).json()) as History;
    expect(history).toMatchObject({ name: 'grace', threads: [], runs: [] });
    expect(history.position).toMatch(/^[\w-]+\.\d+\.[0-9a-f]{8}$/);
    expect(history.files).toBeGreaterThan(10);
  });
});
