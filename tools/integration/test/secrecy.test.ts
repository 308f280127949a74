// R7: a token is in no frame, close reason, header, body, line of output, telemetry event or error: whichever way it came,
// good or bad, and wherever a confused client put it.
import { inspect } from 'node:util';
import { jwtAuthenticator } from '@throughline/core/auth';
import { base64url } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawClient, RawClientOptions } from '../src/raw-client.js';
import { type ServiceProcess, startServiceProcess } from '../src/service-process.js';
import { startTestService } from '../src/test-service.js';
import { audience, badTokens, issuer, tokenFor, tokenOf } from '../src/tokens.js';

/** How a client presents a token in its handshake. */
const carriers: Readonly<Record<string, (token: string) => Partial<RawClientOptions>>> = {
  authorization: (token) => ({ protocols: ['throughline.v1'], headers: { Authorization: `Bearer ${token}` } }),
  subprotocol: (token) => ({ protocols: ['throughline.v1', `bearer.${token}`] }),
  'subprotocol, first': (token) => ({ protocols: [`bearer.${token}`, 'throughline.v1'] }),
  'subprotocol, base64url': (token) => ({
    protocols: ['throughline.v1', `bearer64.${Buffer.from(token).toString('base64url')}`],
  }),
  cookie: (token) => ({
    protocols: ['throughline.v1'],
    headers: { Cookie: `a=b; session=${token}`, Origin: new URL(service.url.replace('ws:', 'http:')).origin },
  }),
};

/** Where it does not belong in a handshake. */
const misplaced: Readonly<Record<string, (token: string) => Partial<RawClientOptions>>> = {
  query: (token) => ({ url: `${service.url}?token=${token}&from=active`, protocols: ['throughline.v1'] }),
  from: (token) => ({ from: token, token }),
  path: (token) => ({ url: `${service.url}/${token}` }),
  origin: (token) => ({ headers: { Origin: `https://${token}.example` }, token }),
  'version of the protocol': (token) => ({ protocols: ['throughline.v99', token, `bearer.${token}`] }),
  'no protocol': (token) => ({ protocols: [token] }),
  'two words': (token) => ({ protocols: ['throughline.v1', `bearer.${token} ${token}`] }),
  'another scheme': (token) => ({ protocols: ['throughline.v1'], headers: { Authorization: `Basic ${token}` } }),
};

/** Where it does not belong in a frame. */
const misspoken: Readonly<Record<string, (token: string) => string>> = {
  'frame type': (token) => JSON.stringify({ type: token.slice(0, 30) }),
  'longer frame type': (token) => JSON.stringify({ type: token }),
  'frame id': (token) => JSON.stringify({ type: 'ping', id: `${token} ` }),
  'malformed JSON': (token) => `{"type":"token","id":"1","token":"${token}`,
  'a token frame without id': (token) => JSON.stringify({ type: 'token', token }),
  'a position': (token) => JSON.stringify({ type: 'ack', position: token }),
};

let service: ServiceProcess;
const secrets: string[] = [];
const clients: RawClient[] = [];

async function shown(changes: Partial<RawClientOptions>): Promise<RawClient> {
  const client = await service.connect('ada', changes);
  clients.push(client);
  return client;
}

function secret(token: string): string {
  secrets.push(token);
  return token;
}

/** A token as it is, in its parts, and as somebody may have encoded it. A header of a JWT is no secret. */
function traces(token: string): readonly string[] {
  const [, claims = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(token);
  return [
    token,
    claims,
    signature,
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ].filter((trace) => trace.length > 12);
}

/** What of the tokens can be found in a text. */
function leaked(where: string): readonly string[] {
  return [...new Set(secrets.flatMap(traces))].filter((trace) => where.includes(trace));
}

describe.each(['throwing telemetry', 'telemetry-to-stderr'] as const)('R7: with %s', (mode) => {
  beforeAll(async () => {
    secrets.length = 0;
    clients.length = 0;
    service = await startServiceProcess(...(mode === 'telemetry-to-stderr' ? [mode] : []));
  });

  afterAll(() => service[Symbol.asyncDispose]());

  test.each(Object.keys(carriers))('a good token in the carrier %s', async (carrier) => {
    const token = secret(await tokenOf('ada'));
    const client = await shown(carriers[carrier]?.(token) ?? {});
    expect((await client.welcome).user_id).toBe('ada');
    expect((await client.response).headers['sec-websocket-protocol']).toBe('throughline.v1');
    client.send({ type: 'token', id: '1', token: secret(await tokenFor('ada', 300)) });
    await client.next('refreshed');
    client.close();
    expect((await client.closed).code).toBe(1000);
  });

  test.each(Object.keys(carriers))('bad tokens in the carrier %s', async (carrier) => {
    for (const token of Object.values(await badTokens('ada'))) {
      const client = await shown(carriers[carrier]?.(secret(token)) ?? {});
      expect((await client.closed).code).toBe(4401);
    }
  });

  test.each(Object.keys(misplaced))('a good token in the wrong place of a handshake: %s', async (place) => {
    const client = await shown(misplaced[place]?.(secret(await tokenOf('ada'))) ?? {});
    await client.closed;
    expect(client.frames).toEqual([]);
  });

  test.each(Object.keys(misspoken))('a good token in the wrong place of a frame: %s', async (place) => {
    const client = await shown({});
    await client.welcome;
    client.sendFrame(misspoken[place]?.(secret(await tokenOf('ada'))) ?? '');
    expect((await client.closed).code).toBe(4400);
  });

  test('bad tokens in a live session, and in the code of the service', async () => {
    for (const token of Object.values(await badTokens('ada'))) {
      const client = await shown({});
      client.send({ type: 'token', id: '1', token: secret(token) });
      expect((await client.closed).code).toBe(4401);
      const error = await service.order({ order: 'authenticate', token });
      expect(error).toContain('CREDENTIAL_REFUSED');
      expect(leaked(error)).toEqual([]);
    }
  });

  test('afterwards: nothing that anybody was told or that was written anywhere holds a token', async () => {
    expect(clients.length).toBeGreaterThan(50);
    expect(leaked(clients.map((client) => client.transcript()).join('\n'))).toEqual([]);
    expect(leaked(service.output())).toEqual([]);
    expect(leaked(JSON.stringify(await service.order({ order: 'telemetry' })))).toEqual([]);
    // One whole line of JSON for each refusal, or nothing at all.
    const lines = service
      .output()
      .split('\n')
      .filter((line) => line !== '');
    const kinds = lines.map((line) => (JSON.parse(line.replace('throughline ', '')) as { kind: string }).kind);
    expect([...new Set(kinds)]).toEqual(mode === 'telemetry-to-stderr' ? ['refused'] : []);
    expect(service.death).toBeUndefined();
  });
});

test('R7: an authenticator whose own error holds the token is not quoted', async () => {
  const token = secret(await tokenOf('ada'));
  await using service = await startTestService({
    authenticate: () => {
      throw new Error(`no way to the issuer for ${token}`);
    },
  });
  const client = await service.connect('ada', { token });
  expect(await client.response).toMatchObject({ status: 503 });
  const error: unknown = await service.service.authenticate({ token }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'AUTHENTICATOR_DOWN' });
  expect(leaked(client.transcript())).toEqual([]);
  expect(leaked(JSON.stringify(service.telemetry))).toEqual([]);
  // The cause is the application's own error, and its own affair.
  expect(leaked(String((error as Error).stack))).toEqual([]);
});

test('R7: nor is the token in the error of an issuer that cannot be reached', async () => {
  // Only a token of the right kind makes the authenticator ask the issuer.
  const [, ...rest] = (await tokenOf('ada')).split('.');
  const token = secret([base64url.encode('{"alg":"RS256","kid":"unknown"}'), ...rest].join('.'));
  await using service = await startTestService({
    authenticate: jwtAuthenticator({ jwksUrl: 'http://127.0.0.1:9/keys', issuer, audience }),
  });
  const client = await service.connect('ada', { token });
  const response = await client.response;
  expect([response.status, response.headers['retry-after']]).toEqual([503, expect.any(String)]);
  const error: unknown = await service.service.authenticate({ token }).catch((reason: unknown) => reason);
  expect(leaked(inspect(error, { depth: 10, showHidden: true }))).toEqual([]);
  expect(leaked(client.transcript() + JSON.stringify(service.telemetry))).toEqual([]);
});
