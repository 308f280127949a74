// S9, R4, R9: 200 users with three sessions each, all at once, each doing what they should and what they should not.
import { expect, test } from 'vitest';
import type { Frame, RawClient } from './raw-client.js';
import { startService } from './running-service.js';

const users = 200;
const sessionsEach = 3;
const steps = 6_000;

/** A small generator, so that a failure can be repeated from its seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const secretOf = (user: number) => `<secret of user ${user}>`;

test('S9 R4 R9 nobody receives a byte of anybody else', { timeout: 60_000 }, async () => {
  const seed = Number(process.env.ISOLATION_SEED ?? Date.now() % 1_000_000);
  const below = random(seed);
  const ample = { burst: 1_000_000, perSecond: 1_000_000 };
  const { enter, managerOf, telemetry, service } = await startService({
    handshakesPerAddress: ample,
    framesPerSession: ample,
    messagesPerUser: ample,
    onMessage: async (message, { user_id }) => {
      const manager = await managerOf(user_id);
      await manager.run({ agent_name: 'echo', thread_id: message.thread_id, message_id: message.id }, async (run) => {
        run.text(`heard ${String(message.data)}`);
      });
    },
  });
  const nameOf = (user: number) => `user-${user}`;
  const everySession: { readonly user: number; readonly client: RawClient }[] = [];
  const sessions: RawClient[][] = [];
  const join = async (user: number, from = 'active') => {
    const client = await enter(nameOf(user), { from, acks: true });
    everySession.push({ user, client });
    return client;
  };
  for (let user = 0; user < users; user++) {
    sessions.push(await Promise.all(Array.from({ length: sessionsEach }, () => join(user))));
  }
  const managers = await Promise.all(sessions.map((_, user) => managerOf(nameOf(user))));
  const lastEvent = (user: number, session: number): Frame | undefined =>
    sessions[user]?.[session]?.frames.findLast(({ offset }) => offset !== undefined);
  const positionOf = (user: number, session: number) => {
    const welcome = sessions[user]?.[session]?.frames[0];
    const epoch = String(welcome?.position).split('.')[0];
    const event = lastEvent(user, session);
    return event ? [epoch, event.offset, event.mark].join('.') : String(welcome?.position);
  };

  for (let step = 0; step < steps; step++) {
    const [user, victim, session] = [below(users), below(users), below(sessionsEach)];
    const client = sessions[user]?.[session] as RawClient;
    const [id, thread_id] = [`f-${step}`, `thread-${below(3)}`];
    switch (below(8)) {
      case 0:
      case 1:
        void managers[user]?.send('acme.note', { text: secretOf(user) }, { thread_id });
        break;
      case 2:
        client.send({ type: 'message', id, thread_id, data: secretOf(user) });
        break;
      case 3: {
        const run = await managers[user]?.startRun({ agent_name: secretOf(user), thread_id });
        run?.text(secretOf(user));
        await run?.completed({ final_response: secretOf(user) });
        break;
      }
      case 4:
        client.send({
          type: 'cancel',
          id,
          run_id: (lastEvent(victim, session)?.run_id as string | undefined) ?? 'none',
        });
        break;
      case 5:
        // A position of another log is another epoch: ignored in an ack, answered by a reset in a handshake.
        client.send({ type: 'ack', position: positionOf(victim, session) });
        break;
      case 6:
        client.webSocket.terminate();
        (sessions[user] as RawClient[])[session] = await join(
          user,
          positionOf(below(2) === 0 ? user : victim, session),
        );
        break;
      default:
        client.send({ type: 'ping', id });
    }
  }
  for (let user = 0; user < users; user++) {
    void managers[user]?.send('acme.last', {}, { thread_id: 'end' });
    for (const client of sessions[user] as RawClient[]) await client.until('acme.last');
  }

  const foreign = everySession.flatMap(({ user, client }) =>
    client.frames.flatMap((frame) => {
      const text = JSON.stringify(frame);
      const secrets = text.match(/<secret of user \d+>/g) ?? [];
      const named = frame.user_id === undefined || frame.user_id === nameOf(user);
      return named && secrets.every((secret) => secret === secretOf(user)) ? [] : [`user ${user} received ${text}`];
    }),
  );
  expect(foreign, `seed ${seed}`).toEqual([]);
  const heard = everySession.flatMap(({ client }) => client.frames).filter(({ type }) => type === 'acme.note').length;
  expect(heard, `seed ${seed}`).toBeGreaterThan(steps / 8);
  expect(telemetry.filter(({ kind }) => kind === 'leak' || kind === 'fault')).toEqual([]);
  expect(service.health()).toMatchObject({ level: 'healthy', sessions: users * sessionsEach });
});
