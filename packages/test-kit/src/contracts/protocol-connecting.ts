// PROTOCOL.md, section 2: who comes in, by which carrier, and what those are told who do not.
import assert from 'node:assert/strict';
import type { RawClientOptions } from '../raw-client.js';
import type { ProtocolRule, ProtocolSeat } from './protocol-seat.js';
import { expectClose } from './protocol-words.js';

const version = 'throughline.v1';
const base64url = (token: string) => `bearer64.${Buffer.from(token).toString('base64url')}`;

/** A refusal in HTTP: problem details with a code. */
async function expectRefusal(
  seat: ProtocolSeat,
  options: RawClientOptions,
  status: number,
  code?: string,
): Promise<void> {
  const response = await seat.knock(options).answered();
  assert.equal(response.status, status, `the upgrade should be answered with ${status}`);
  if (code === undefined) return;
  assert.match(response.headers['content-type'] ?? '', /^application\/problem\+json/);
  const problem = JSON.parse(response.body) as Record<string, unknown>;
  assert.deepEqual({ code: problem.code, status: problem.status }, { code, status });
  for (const field of ['title', 'detail']) assert.equal(typeof problem[field], 'string', `the problem has a ${field}`);
}

async function expectUnwelcome(seat: ProtocolSeat, options: RawClientOptions, code: number): Promise<void> {
  const client = seat.knock(options);
  await expectClose(client, code, options.token);
  assert.equal((await client.answered()).status, 101, 'a page cannot see an HTTP status: it is told by a close code');
  assert.deepEqual(client.frames, [], 'nobody who is refused is welcomed');
}

export const connecting: readonly ProtocolRule[] = [
  {
    name: 'the selected subprotocol is exactly throughline.v1, whatever else is offered',
    reason: 'section 2, Subprotocol',
    async run(seat) {
      const token = await seat.token();
      for (const offered of [
        [version, base64url(token)],
        [base64url(token), version],
        ['graphql-ws', base64url(token), version],
      ]) {
        const client = seat.knock({ protocols: offered });
        assert.equal((await client.answered()).headers['sec-websocket-protocol'], version);
        await client.welcomed();
        assert.ok(!client.transcript().includes(base64url(token)), 'the service repeats the credential');
      }
    },
  },
  {
    name: 'who offers no version of throughline is refused in HTTP',
    reason: 'section 2, Refusals in HTTP: 400 BAD_REQUEST',
    async run(seat) {
      const headers = { Authorization: `Bearer ${await seat.token()}` };
      for (const protocols of [[], ['graphql-ws']])
        await expectRefusal(seat, { protocols, headers }, 400, 'BAD_REQUEST');
    },
  },
  {
    name: 'who offers only other versions is told 4410, on the version it has offered',
    reason: 'section 2, Subprotocol, and section 9: the page must be reloaded',
    async run(seat) {
      const client = seat.knock({ protocols: ['throughline.v99', base64url(await seat.token())] });
      assert.equal((await client.answered()).headers['sec-websocket-protocol'], 'throughline.v99');
      await expectClose(client, 4410);
    },
  },
  {
    name: 'no extension is ever negotiated',
    reason: 'section 3: permessage-deflate is never negotiated',
    async run(seat) {
      const client = await seat.enter({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
      assert.equal((await client.answered()).headers['sec-websocket-extensions'], undefined);
      assert.deepEqual(client.violations, []);
    },
  },
  {
    name: 'a token is taken from the Authorization header',
    reason: 'section 2, Credential, 1',
    async run(seat) {
      assert.equal((await (await seat.enter({ carrier: 'authorization' })).welcomed()).user_id, seat.user);
    },
  },
  {
    name: 'a token is taken from the subprotocols, as it is and in base64url',
    reason: 'section 2, Credential, 2: the way for browsers',
    async run(seat) {
      const token = await seat.token();
      for (const protocols of [
        [version, `bearer.${token}`],
        [version, base64url(token)],
      ]) {
        const client = seat.knock({ protocols });
        assert.equal((await client.welcomed()).user_id, seat.user);
        assert.ok(!client.transcript().includes(token), 'the service repeats the credential');
      }
    },
  },
  {
    name: 'a ticket is worth one handshake',
    reason: 'section 2, Credential, 3',
    needs: 'ticket',
    async run(seat) {
      const ticket = (await seat.subject.ticket?.(seat.user)) as string;
      assert.equal((await seat.knock({ ticket }).welcomed()).user_id, seat.user);
      await expectUnwelcome(seat, { ticket }, 4401);
    },
  },
  {
    name: 'a cookie is taken from pages of an origin that is allowed, and from nobody without one',
    reason: 'section 2, Credential, 4, and Origin',
    needs: 'cookieName',
    async run(seat) {
      const Cookie = `${seat.subject.cookieName}=${await seat.token()}`;
      const Origin = new URL(seat.subject.url).origin.replace(/^ws/, 'http');
      assert.equal((await seat.knock({ headers: { Cookie, Origin } }).welcomed()).user_id, seat.user);
      await expectRefusal(seat, { headers: { Cookie } }, 403, 'ORIGIN_FORBIDDEN');
    },
  },
  {
    name: 'a foreign origin is refused in HTTP',
    reason: 'section 2, Origin: 403 ORIGIN_FORBIDDEN',
    async run(seat) {
      const options = { token: await seat.token(), headers: { Origin: 'https://elsewhere.example' } };
      await expectRefusal(seat, options, 403, 'ORIGIN_FORBIDDEN');
    },
  },
  {
    name: 'the first carrier is the one that is judged',
    reason: 'section 2, Credential: looked at in this order',
    async run(seat) {
      await expectUnwelcome(seat, { token: await seat.token(), headers: { Authorization: 'Bearer nobody' } }, 4401);
    },
  },
  {
    name: 'two good credentials must name the same user',
    reason: 'section 2, Credential, and 4403 of Refusals after the upgrade',
    async run(seat) {
      const [own, again, his] = [await seat.token(), await seat.token(), await seat.token(seat.other('bob'))];
      await seat.knock({ token: own, headers: { Authorization: `Bearer ${again}` } }).welcomed();
      await expectUnwelcome(seat, { token: own, headers: { Authorization: `Bearer ${his}` } }, 4403);
    },
  },
  {
    name: 'no credential, or a bad one, is told by 4401 after the upgrade',
    reason: 'section 2, Refusals after the upgrade',
    async run(seat) {
      await expectUnwelcome(seat, {}, 4401);
      await expectUnwelcome(seat, { token: 'nobody.at.all' }, 4401);
    },
  },
  {
    name: 'a position or a list of threads that is none is told by 4400',
    reason: 'section 2, Refusals after the upgrade',
    async run(seat) {
      const token = await seat.token();
      for (const from of [
        '',
        'yesterday',
        'e.-1.00000000',
        'e.1.xyz',
        'active,',
        'e.1.00000000,active',
        'e.01.00000000',
      ]) {
        await expectUnwelcome(seat, { token, from }, 4400);
      }
      for (const threads of [
        ['a b'],
        ['x'.repeat(129)],
        ['a', ''],
        Array.from({ length: 101 }, (_, index) => `t-${index}`),
      ]) {
        await expectUnwelcome(seat, { token, threads }, 4400);
      }
    },
  },
  {
    name: 'an upgrade to something else is refused in HTTP',
    reason: 'section 2, Refusals in HTTP: 400 BAD_REQUEST',
    async run(seat) {
      const token = await seat.token();
      await expectRefusal(seat, { token, headers: { Upgrade: 'something-else' } }, 400, 'BAD_REQUEST');
      await expectRefusal(seat, { token, headers: { 'Sec-WebSocket-Version': '8' } }, 400, 'BAD_REQUEST');
    },
  },
  {
    name: 'a server that drains tells its pages, closes with 1012 and lets nobody in',
    reason: 'section 3, draining; section 2, 503 DRAINING; section 9, 1012',
    needs: 'expendable',
    async run(seat) {
      const client = await seat.enter();
      const token = await seat.token();
      const run = await seat.agent.startRun(seat.user, { thread_id: 't-1' });
      const drained = (seat.subject as { drain?: () => Promise<unknown> }).drain?.();
      const { reconnect_after_ms } = await client.find('draining');
      assert.equal(typeof reconnect_after_ms, 'number');
      const response = await seat.knock({ token }).answered();
      assert.equal(response.status, 503);
      assert.equal((JSON.parse(response.body) as { code: string }).code, 'DRAINING');
      assert.ok(Number(response.headers['retry-after']) >= 0, 'a 503 says when to come again');
      client.send({ type: 'message', id: 'm-1', thread_id: 't-1', data: null });
      assert.equal((await client.find('error')).code, 'STORE_UNAVAILABLE');
      await run.completed();
      await client.find('agent_completed');
      await expectClose(client, 1012);
      await drained;
    },
  },
];
