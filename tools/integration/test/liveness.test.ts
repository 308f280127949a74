// Long thinking must not look like a dead connection, and a dead one must not look like long thinking.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMovedClock, type MovedClock } from '../src/moved-clock.js';
import { startTestService, type TestService } from '../src/test-service.js';

let clock: MovedClock;
let service: TestService;
const interval = 1_000;

beforeEach(async () => {
  clock = createMovedClock();
  service = await startTestService({ scheduler: clock, heartbeatMs: interval });
});

afterEach(() => service[Symbol.asyncDispose]());

test('a heartbeat comes when nothing else did, with the position of the reader', async () => {
  const client = await service.open('ada');
  const position = await (await service.managerOf('ada')).send('test.thought', 1, { thread_id: 't' });
  await client.next('test.thought');
  clock.advance(interval);
  clock.advance(interval);
  expect((await client.next('heartbeat')).position).toBe(position);
});

test('none comes to a reader that stands still: it would say that nothing more is to come', async () => {
  const client = await service.open('ada', { acks: true });
  const manager = await service.managerOf('ada');
  for (let event = 0; event < 300; event++) await manager.send('test.much', '.'.repeat(1_000), { thread_id: 't' });
  const heard = async (id: string) => {
    client.send({ type: 'ping', id });
    await client.next((frame) => frame.type === 'pong' && frame.id === id);
  };
  await heard('at-the-window');
  expect(client.events().length).toBeLessThan(200);
  // The same two beats as above.
  clock.advance(interval);
  clock.advance(interval);
  await heard('after-the-beats');
  expect(client.frames.filter(({ type }) => type === 'heartbeat')).toEqual([]);
});

test('a silent peer is asked, and let go when it answers nothing; one that speaks stays', async () => {
  const speaking = await service.open('ada');
  const mute = await service.open('bob', { mute: true });
  for (let beat = 0; beat < 4; beat++) {
    clock.advance(interval);
    speaking.send({ type: 'ping', id: `p-${beat}` });
    await speaking.next((frame) => frame.type === 'pong' && frame.id === `p-${beat}`);
  }
  expect((await mute.closed).code).toBe(1006);
  // Once per interval.
  expect(mute.pings).toBe(3);
  expect(await service.told('session_closed')).toMatchObject({ code: 4408, user_id: 'bob' });
  expect(service.service.health().sessions).toBe(1);
});
