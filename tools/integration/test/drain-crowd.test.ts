// R5, R8, S7: a deploy in the middle of everything. 500 sessions of 250 users, each user's answer half said: one service
// drains, another takes over on the same log, and every page shows the whole answer: no token missing, none twice.
import { memoryLog, type Run } from '@throughline/core';
import { expect, test } from 'vitest';
import { openAudience, type Spectator } from '../src/audience.js';
import { startTestService, type TestService } from '../src/test-service.js';

const users = Array.from({ length: 250 }, (_, number) => `user-${number}`);
const sessions = users.length * 2;
/** Users on a train: both their connections break in the midst of the drain, and their answer goes on elsewhere. */
const travellers: ReadonlySet<string> = new Set(users.slice(0, 50));
/** Users whose answer ends soon after the drain began. All others end in one moment, later than a round can close. */
const early: ReadonlySet<string> = new Set(users.slice(100, 150));
const words = 60;
const batch = 50;
const spreadMs = 1_000;

const wordOf = (user: string, number: number) => `${user}/${number} `;
const answerOf = (user: string) => Array.from({ length: words }, (_, number) => wordOf(user, number)).join('');

/** All say their next word, and it is stored. */
async function speak(runs: ReadonlyMap<string, Run>, number: number): Promise<void> {
  for (const [user, run] of runs) run.text(wordOf(user, number));
  await Promise.all([...runs.values()].map((run) => run.flushed()));
  await new Promise((resolve) => setImmediate(resolve));
}

const told = <Kind extends TestService['telemetry'][number]['kind']>({ telemetry }: TestService, kind: Kind) =>
  telemetry.filter((event): event is Extract<typeof event, { kind: Kind }> => event.kind === kind);

/** Two seconds of rounds and returns; the rest is what a busy machine needs for a thousand handshakes. */
const patienceMs = 60_000;

test('S7, R8: a drain of 500 sessions in mid-stream: nothing is lost, and they come back spread out', {
  timeout: patienceMs,
}, async () => {
  const log = memoryLog();
  const heard = { old: [] as unknown[], next: [] as unknown[] };
  await using old = await startTestService({ log, onMessage: ({ data }) => void heard.old.push(data) });
  await using next = await startTestService({ log, onMessage: ({ data }) => void heard.next.push(data) });
  using audience = openAudience(old.url, users, 2);
  const { spectators } = audience;
  await audience.every(({ client }) => client.status.state === 'live');
  expect(old.service.health().sessions).toBe(sessions);

  const runs = new Map<string, Run>();
  for (const user of users) {
    runs.set(user, await (await old.managerOf(user)).startRun({ agent_name: 'writer', thread_id: 't-1' }));
  }
  const answers = new Map([...runs].map(([user, { run_id }]) => [user, run_id]));
  const shown = ({ user, run }: Spectator) => run(answers.get(user) as string);
  for (let number = 0; number < words / 3; number++) await speak(runs, number);
  await audience.every((spectator) => (shown(spectator)?.text ?? '') !== '');

  audience.target = next.url;
  const drained = old.service.drain({ deadlineMs: 60_000, spreadMs, batch });
  // Said to one who goes: it is for the one who comes, once.
  const said = spectators
    .filter((_, index) => index % 2 === 0)
    .map(({ user, client }) => {
      return client.send({ thread_id: 't-2', data: user }).accepted;
    });
  for (const spectator of spectators) if (travellers.has(spectator.user)) spectator.breakSocket();
  for (let number = words / 3; number < words; number++) {
    await speak(runs, number);
    // The travellers' answers must not end before they are back: what is said now is read at the other service.
    if (number === words / 2) {
      await audience.every(({ user, client }) => !travellers.has(user) || client.status.state === 'live');
    }
  }
  const finish = async (some: (user: string) => boolean) => {
    const ends = [...runs].filter(([user]) => some(user));
    await Promise.all(ends.map(([user, run]) => run.completed({ final_response: answerOf(user) })));
  };
  await finish((user) => early.has(user));
  await old.told('session_closed', ({ code }) => code === 1012);
  await finish((user) => !early.has(user));
  await drained;
  await audience.every((spectator) => shown(spectator)?.status === 'succeeded');
  await audience.every(({ client }) => client.status.state === 'live');
  await Promise.all(said);

  for (const spectator of spectators) {
    const whole = answerOf(spectator.user);
    expect(shown(spectator)).toMatchObject({ text: whole, final_response: whole, truncated: false });
    expect(spectator.complaints).toEqual([]);
  }
  expect(heard.old).toEqual([]);
  expect(heard.next).toHaveLength(users.length);
  expect(new Set(heard.next)).toEqual(new Set(users));

  // Everybody went on at a position. Nobody was sent away but by the drain, and by the train.
  expect(next.service.health()).toMatchObject({ sessions, level: 'healthy' });
  expect(told(next, 'session_opened').map(({ from }) => from)).toEqual(Array(sessions).fill('position'));
  const codes = told(old, 'session_closed').map(({ code }) => code);
  expect(codes.filter((code) => code === 1006)).toHaveLength(travellers.size * 2);
  expect(codes.filter((code) => code === 1012)).toHaveLength(sessions - travellers.size * 2);
  expect(told(old, 'run_ended').map(({ outcome }) => outcome)).toEqual(Array(users.length).fill('succeeded'));
  expect([...told(old, 'fault'), ...told(next, 'fault'), ...told(next, 'reset')]).toEqual([]);

  // Rounds: each reported, with what was left.
  const rounds = told(old, 'draining');
  expect(rounds[0]).toMatchObject({ sessions, runs: users.length });
  expect(rounds.at(-1)).toMatchObject({ sessions: 0, runs: 0 });
  for (const [index, round] of rounds.entries()) {
    const before = rounds[index - 1] ?? round;
    expect(round.sessions).toBeLessThanOrEqual(before.sessions);
    expect(round.runs).toBeLessThanOrEqual(before.runs);
  }
  // Most answers ended in one moment: their readers were ripe together, and were closed a batch at a time.
  for (const { closed } of rounds) expect(closed).toBeLessThanOrEqual(batch);
  expect(rounds.reduce((sum, { closed }) => sum + closed, 0)).toBe(sessions - travellers.size * 2);
  const ripe = sessions - (travellers.size + early.size) * 2;
  expect(rounds.filter(({ runs: left }) => left === 0).length).toBeGreaterThan(ripe / batch);

  // They come back one by one: 40 in each tenth of the time, give or take.
  const waits = spectators.flatMap(({ waits }) => waits);
  expect(waits).toHaveLength(sessions - travellers.size * 2);
  for (let tenth = 0; tenth < 10; tenth++) {
    const inIt = waits.filter((ms) => Math.floor((ms / spreadMs) * 10) === tenth);
    expect(inIt.length).toBeGreaterThanOrEqual(10);
    expect(inIt.length).toBeLessThanOrEqual(100);
  }
  await log.close();
});
