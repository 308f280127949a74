// R7: a token has several ways to come, looked at in a fixed order; S10: only allowed pages may bring a cookie.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawClientOptions } from '../src/raw-client.js';
import { startTestService, type TestService } from '../src/test-service.js';
import { tokenOf } from '../src/tokens.js';

let service: TestService;
let own: string;
let tokens: Readonly<Record<'ada' | 'bob' | 'carol', string>>;

beforeAll(async () => {
  service = await startTestService({ cookieName: '__Host-session' });
  own = `http://127.0.0.1:${service.port}`;
  tokens = { ada: await tokenOf('ada'), bob: await tokenOf('bob'), carol: await tokenOf('carol') };
});

afterAll(() => service[Symbol.asyncDispose]());

const authorization = (token: string) => ({ Authorization: `Bearer ${token}` });
const cookie = (token: string) => ({ Cookie: `other=1; __Host-session=${token}; last=2`, Origin: own });
const offering = (...items: string[]) => ['throughline.v1', ...items];
const bearer64 = (token: string) => `bearer64.${Buffer.from(token).toString('base64url')}`;

async function welcomed(changes: Partial<RawClientOptions>) {
  const client = await service.open('', { protocols: ['throughline.v1'], ...changes });
  expect((await client.response).headers['sec-websocket-protocol']).toBe('throughline.v1');
  return (await client.welcome).user_id;
}

describe('a token is found in', () => {
  const places: [string, () => Partial<RawClientOptions>][] = [
    ['the header Authorization', () => ({ headers: authorization(tokens.ada) })],
    ['the header, whatever its case', () => ({ headers: { authorization: `bEARER  ${tokens.ada} ` } })],
    ['a subprotocol item', () => ({ protocols: offering(`bearer.${tokens.ada}`) })],
    ['a subprotocol item that stands first', () => ({ protocols: [`bearer.${tokens.ada}`, 'throughline.v1'] })],
    ['a subprotocol item in base64url', () => ({ protocols: offering(bearer64(tokens.ada)) })],
    [
      'a subprotocol item beside foreign ones',
      () => ({ protocols: ['graphql-ws', 'throughline.v7', ...offering(`bearer.${tokens.ada}`)] }),
    ],
    ['the cookie of a page of ours', () => ({ headers: cookie(tokens.ada) })],
    ['the cookie, in quotes', () => ({ headers: { Cookie: `__Host-session="${tokens.ada}"`, Origin: own } })],
  ];

  test.each(places)('%s', async (_, changes) => {
    expect(await welcomed(changes())).toBe('ada');
  });
});

describe('what the page chose comes before what the browser adds', () => {
  test('Authorization, then the subprotocol, then the cookie', async () => {
    const all = { ...authorization(tokens.ada), ...cookie('bad') };
    expect(await welcomed({ headers: all, protocols: offering('bearer.bad') })).toBe('ada');
    expect(await welcomed({ headers: cookie('bad'), protocols: offering(`bearer.${tokens.bob}`) })).toBe('bob');
  });

  test('R9: two that are valid and name two users are refused with 4403', async () => {
    const changes = { headers: cookie(tokens.carol), protocols: offering(`bearer.${tokens.bob}`) };
    expect((await (await service.connect('', changes)).closed).code).toBe(4403);
  });

  test('the first that is there is judged: a bad one is not helped by a good one behind it', async () => {
    const changes = { headers: authorization('bad'), protocols: offering(`bearer.${tokens.bob}`) };
    expect((await (await service.connect('', changes)).closed).code).toBe(4401);
  });

  test('telemetry names the carrier that was judged, or that there was none', async () => {
    await (await service.connect('', { protocols: offering('bearer.worse') })).closed;
    expect(service.telemetry.at(-1)).toMatchObject({ kind: 'refused', carrier: 'subprotocol' });
    await (await service.connect('', { protocols: offering() })).closed;
    expect(service.telemetry.at(-1)).toMatchObject({ kind: 'refused', carrier: 'none', code: 'CREDENTIAL_MISSING' });
  });
});

describe('an origin', () => {
  const token = () => ({ protocols: offering(`bearer.${tokens.ada}`) });

  test('need not be there with a token of the page’s own, and may be our host', async () => {
    expect(await welcomed(token())).toBe('ada');
    expect(await welcomed({ ...token(), headers: { Origin: own } })).toBe('ada');
  });

  test('must be there with a cookie', async () => {
    const client = await service.connect('', {
      protocols: offering(),
      headers: { Cookie: `__Host-session=${tokens.ada}` },
    });
    expect((await client.response).status).toBe(403);
  });

  test('must not be foreign with a cookie', async () => {
    const headers = { ...cookie(tokens.ada), Origin: 'https://evil.example' };
    expect((await (await service.connect('', { protocols: offering(), headers })).response).status).toBe(403);
  });

  test('must be on the list where there is one, our host too', async () => {
    await using listed = await startTestService({ allowedOrigins: ['https://app.example', 'http://localhost:3000'] });
    for (const [origin, status] of [
      ['https://app.example', 101],
      ['http://localhost:3000', 101],
      ['http://app.example', 403],
      ['https://app.example.evil.example', 403],
      ['https://app.example:8443', 403],
      [`http://127.0.0.1:${listed.port}`, 403],
    ] as const) {
      const client = await listed.connect('ada', { headers: { Origin: origin } });
      expect([origin, (await client.response).status]).toEqual([origin, status]);
    }
  });
});
