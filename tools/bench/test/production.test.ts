// What a server says is what the generator expects of it.
import { expect, test } from 'vitest';
import type { EventData, PeerServer } from '../src/peers/peer.js';
import { Production } from '../src/server/production.js';

function recording() {
  const said = new Map<string, EventData[]>();
  const server: PeerServer = {
    port: 0,
    handled: 0,
    speaker(user) {
      const events: EventData[] = [];
      said.set(user, events);
      return Promise.resolve({
        say(data) {
          events.push(data);
          return undefined;
        },
      });
    },
  };
  let clock = 0;
  const production = new Production(server, () => {
    clock += 1;
    return clock;
  });
  return { said, production };
}

const numbers = (events: readonly EventData[] | undefined) => events?.map(({ n }) => n);
const upTo = (end: number) => Array.from({ length: end }, (_, n) => n);

test('a stream says as much to each user, whatever the users and the period, in order', async () => {
  const { said, production } = recording();
  await production.prepare(0, 30);
  const { perUser, kept } = await production.stream({ from: 0, to: 30, everyMs: 2, burst: 5, seconds: 0.05 });
  expect(perUser).toBe(25);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(1);
  expect(said.size).toBe(30);
  for (const events of said.values()) expect(numbers(events)).toEqual(upTo(25));
  await production.flood(0, 30, 3, 100);
  expect(production.said(29)).toBe(28);
  expect(said.get('u29')?.at(-1)?.text).toHaveLength(100);
  for (const events of said.values()) expect(numbers(events)).toEqual(upTo(28));
});

test('a stream that is stopped has said as much to each', async () => {
  const { said, production } = recording();
  await production.prepare(0, 7);
  const stream = production.stream({ from: 0, to: 7, everyMs: 5, burst: 1, seconds: 600 });
  await expect.poll(() => production.said(6)).toBeGreaterThan(3);
  production.stop();
  const { perUser } = await stream;
  for (const events of said.values()) expect(numbers(events)).toEqual(upTo(perUser));
});

test('a flood waits for those who ask it to', async () => {
  let release = () => {};
  let count = 0;
  const asked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const say = () => {
    count += 1;
    return asked;
  };
  const production = new Production({ port: 0, handled: 0, speaker: () => Promise.resolve({ say }) }, () => 0);
  await production.prepare(0, 1);
  const flood = production.flood(0, 1, 5, 10);
  await new Promise((resolve) => setImmediate(resolve));
  expect(count).toBe(1);
  release();
  await flood;
  expect(count).toBe(5);
});
