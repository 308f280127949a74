// PROTOCOL.md, sections 7 and 8: how long a credential, a sign-in and a silent peer last.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { ProtocolRule } from './protocol-seat.js';
import { answer, expectClose, hears, noted, notes, positionShape, settled } from './protocol-words.js';

/** Long enough to come in, short enough to wait for. */
const shortLifeMs = 1_000;

/** For what takes the server some seconds. */
const patience = { deadlineMs: 15_000 };

export const living: readonly ProtocolRule[] = [
  {
    name: 'welcome says how long the credential lasts',
    reason: 'section 7',
    async run({ token, enter }) {
      const { expires_in_ms } = await (
        await enter({ token: await token(undefined, { expiresInMs: 60_000 }) })
      ).welcomed();
      assert.ok(typeof expires_in_ms === 'number' && expires_in_ms > 0 && expires_in_ms <= 60_000);
    },
  },
  {
    name: 'a fresh token of the same user is honoured, and nothing repeats it',
    reason: 'section 7, and section 3, refreshed',
    async run({ token, enter }) {
      const client = await enter({ token: await token(undefined, { expiresInMs: 60_000 }) });
      const fresh = await token(undefined, { expiresInMs: 600_000 });
      client.send({ type: 'token', id: 'f-1', token: fresh });
      const { type, expires_in_ms } = await answer(client, 'f-1');
      assert.equal(type, 'refreshed');
      assert.ok(Number(expires_in_ms) > 60_000, 'the fresh token lasts longer');
      client.send({ type: 'token', id: 'f-2', token: await token() });
      assert.equal((await answer(client, 'f-2')).expires_in_ms, null);
      assert.ok(!client.transcript().includes(fresh), 'the service repeats the credential');
    },
  },
  {
    name: 'a token of somebody else is 4403',
    reason: 'section 7: the new credential must be of the same user',
    async run({ token, enter, other }) {
      const client = await enter();
      const his = await token(other('bob'));
      client.send({ type: 'token', id: 'f-1', token: his });
      await expectClose(client, 4403, his);
    },
  },
  {
    name: 'a bad token is 4401',
    reason: 'section 7',
    async run({ enter }) {
      const client = await enter();
      client.send({ type: 'token', id: 'f-1', token: 'nobody.at.all' });
      await expectClose(client, 4401, 'nobody.at.all');
    },
  },
  {
    name: 'once the credential has expired nothing is sent or done but what leads to another, which brings everything',
    reason: 'section 7: nothing but token, ack, ping and threads is handled',
    async run(seat) {
      const client = await seat.enter({ token: await seat.token(undefined, { expiresInMs: shortLifeMs }) });
      const { expires_in_ms } = await client.welcomed();
      await notes(seat, ['before']);
      await hears(client, 'before');
      await setTimeout((expires_in_ms as number) + 10);
      await notes(seat, ['meanwhile']);
      client.send({ type: 'message', id: 'm-1', thread_id: 't-1', data: 'too late' });
      client.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
      for (const id of ['m-1', 'c-1']) assert.equal((await answer(client, id)).code, 'TOKEN_EXPIRED', id);
      await settled(client, 'p-1');
      assert.deepEqual(noted(client), ['before']);
      client.send({ type: 'token', id: 'f-1', token: await seat.token() });
      await hears(client, 'meanwhile');
      client.send({ type: 'message', id: 'm-1', thread_id: 't-1', data: 'again' });
      await client.find((frame) => frame.type === 'accepted' && frame.id === 'm-1');
    },
  },
  {
    name: 'after its grace an expired session is closed with 4401',
    reason: 'section 7',
    needs: 'expiryGraceMs',
    async run({ token, enter }) {
      await expectClose(
        await enter({ token: await token(undefined, { expiresInMs: shortLifeMs }) }),
        4401,
        undefined,
        patience,
      );
    },
  },
  {
    name: 'an expired credential lets nobody in',
    reason: 'section 2, Refusals after the upgrade',
    async run({ token, knock }) {
      const expired = await token(undefined, { expiresInMs: 200 });
      await setTimeout(210);
      await expectClose(knock({ token: expired }), 4401, expired);
    },
  },
  {
    name: 'signing out closes every session of the sign-in with 4401, and nobody else’s',
    reason: 'section 7: at once',
    needs: 'signOut',
    async run(seat) {
      const hers = [await seat.enter(), await seat.enter()];
      const his = await seat.enter({}, seat.other('bob'));
      await seat.subject.signOut?.(seat.user);
      for (const client of hers) await expectClose(client, 4401);
      await settled(his, 'p-1');
    },
  },
  {
    name: 'a heartbeat comes when nothing else does, and says where the reader stands',
    reason: 'section 3, heartbeat',
    needs: 'heartbeatMs',
    async run(seat) {
      const client = await seat.enter({ threads: ['t-1'] });
      await notes(seat, ['elsewhere'], 't-2');
      const { position } = await client.find('heartbeat', patience);
      assert.match(position, positionShape);
      assert.equal(Number(position.split('.')[1]), 1, 'everything up to it was sent or is of other threads');
    },
  },
  {
    name: 'a peer that answers nothing for three intervals is let go, and one that answers is kept',
    reason: 'section 8: the service sends WebSocket pings',
    needs: 'heartbeatMs',
    async run({ enter }) {
      const [silent, awake] = [await enter({ pongs: 'manual' }), await enter()];
      await silent.closed(patience);
      assert.ok(
        silent.wire.some(({ opcode }) => opcode === 9),
        'a silent peer is asked before it is let go',
      );
      await settled(awake, 'p-1');
    },
  },
  {
    name: 'of too many sessions the oldest is closed with 4409, and the newest lives',
    reason: 'section 8: one more is let in, and all are asked',
    needs: 'sessionsPerUser',
    async run({ enter, subject }) {
      const oldest = await enter();
      for (let count = 1; count < (subject.sessionsPerUser ?? 0); count += 1) await enter();
      const newest = await enter();
      await expectClose(oldest, 4409, undefined, patience);
      await settled(newest, 'p-1');
    },
  },
];
