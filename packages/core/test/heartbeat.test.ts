import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type Beating, Heartbeat } from '../src/heartbeat.js';
import { type FakeScheduler, fakeScheduler } from './fake-scheduler.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Member extends Beating {
  /** When it was asked to beat, in seconds since the start. */
  readonly beats: number[];
  readonly expiries: number[];
}

function makeMember(scheduler: FakeScheduler): Member {
  const start = scheduler.now();
  const beats: number[] = [];
  const expiries: number[] = [];
  const beat = () => void beats.push((scheduler.now() - start) / 1_000);
  return { beats, expiries, beat, expire: (at) => void expiries.push(at - start) };
}

function makeHeartbeat(count: number, intervalMs = 25_000) {
  const scheduler = fakeScheduler();
  const heartbeat = new Heartbeat<Member>(scheduler, intervalMs);
  const members = Array.from({ length: count }, () => makeMember(scheduler));
  for (const member of members) heartbeat.add(member);
  return { scheduler, heartbeat, members };
}

describe('each session has its turn once per interval', () => {
  test.each([1, 2, 24, 25, 26, 60, 1_000])('when there are %i of them', (count) => {
    const { scheduler, members } = makeHeartbeat(count);
    scheduler.advance(250_000);
    for (const { beats } of members) {
      expect(beats.length).toBeGreaterThanOrEqual(9);
      expect(beats.length).toBeLessThanOrEqual(11);
      const pauses = beats.slice(1).map((second, index) => second - (beats[index] as number));
      for (const pause of pauses) expect(Math.abs(pause - 25)).toBeLessThanOrEqual(1);
    }
  });

  test('in small parts: no tick asks more than its share', () => {
    const { scheduler, members } = makeHeartbeat(1_000);
    for (let second = 1; second <= 50; second++) {
      const before = members.reduce((sum, { beats }) => sum + beats.length, 0);
      scheduler.advance(1_000);
      expect(members.reduce((sum, { beats }) => sum + beats.length, 0) - before).toBeLessThanOrEqual(41);
    }
  });

  test('whoever comes and goes meanwhile', () => {
    const { scheduler, heartbeat, members } = makeHeartbeat(100);
    for (let second = 0; second < 100; second++) {
      const late = makeMember(scheduler);
      heartbeat.add(late);
      members.push(late);
      heartbeat.delete(members[second] as Member);
      scheduler.advance(1_000);
    }
    const gone = members.slice(0, 100).map(({ beats }) => beats.length);
    scheduler.advance(100_000);
    expect(members.slice(0, 100).map(({ beats }) => beats.length)).toEqual(gone);
    for (const { beats } of members.slice(100)) expect(beats.length).toBeGreaterThanOrEqual(3);
  });

  test('every second when the interval is a second', () => {
    const { scheduler, members } = makeHeartbeat(3, 1_000);
    scheduler.advance(5_000);
    for (const { beats } of members) expect(beats).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('R14: a reminder', () => {
  test('comes when its time has come, at most a second late, once', () => {
    const { scheduler, heartbeat, members } = makeHeartbeat(1);
    const [member] = members as [Member];
    heartbeat.remind(member, scheduler.now() + 10_500);
    scheduler.advance(10_000);
    expect(member.expiries).toEqual([]);
    scheduler.advance(1_000);
    expect(member.expiries).toEqual([10_500]);
    scheduler.advance(60_000);
    expect(member.expiries).toEqual([10_500]);
  });

  test('takes the place of the one before', () => {
    const { scheduler, heartbeat, members } = makeHeartbeat(1);
    const [member] = members as [Member];
    heartbeat.remind(member, scheduler.now() + 5_000);
    heartbeat.remind(member, scheduler.now() + 9_000);
    scheduler.advance(20_000);
    expect(member.expiries).toEqual([9_000]);
  });

  test('given from within a reminder comes too, even at once', () => {
    const { scheduler, heartbeat } = makeHeartbeat(0);
    const told: number[] = [];
    const start = scheduler.now();
    const member: Member = {
      ...makeMember(scheduler),
      expire: (at) => {
        told.push(at - start);
        if (told.length < 3) heartbeat.remind(member, start + 2_000);
      },
    };
    heartbeat.add(member);
    heartbeat.remind(member, start + 1_000);
    scheduler.advance(3_000);
    expect(told).toEqual([1_000, 2_000, 2_000]);
  });

  test('is forgotten with its session, which it does not keep in memory', () => {
    const { scheduler, heartbeat, members } = makeHeartbeat(1);
    const [member] = members as [Member];
    heartbeat.remind(member, scheduler.now() + 5_000);
    heartbeat.delete(member);
    scheduler.advance(10_000);
    expect(member.expiries).toEqual([]);
  });
});

test('R10: sessions that come and go between two ticks are not kept in memory', async () => {
  const scheduler = fakeScheduler();
  const heartbeat = new Heartbeat<Member>(scheduler, 25_000);
  // In a frame of its own, so that nothing of them stays on the stack.
  const gone = (() =>
    Array.from({ length: 20 }, () => {
      const members = Array.from({ length: 10 }, () => makeMember(scheduler));
      for (const member of members) heartbeat.add(member);
      for (const member of members) heartbeat.delete(member);
      return members.map((member) => new WeakRef(member));
    }).flat())();
  await expect
    .poll(() => {
      collectGarbage();
      return gone.filter((reference) => reference.deref()).length;
    })
    .toBe(0);
  expect(heartbeat.size).toBe(0);
});

test('says when the last session is gone, and holds no timer once stopped', () => {
  const { scheduler, heartbeat, members } = makeHeartbeat(2);
  const [first, second] = members as [Member, Member];
  let empty = 0;
  heartbeat.onEmpty(() => empty++);
  heartbeat.delete(first);
  expect(empty).toBe(0);
  heartbeat.delete(second);
  expect(empty).toBe(1);
  heartbeat.stop();
  expect(scheduler.waiting).toBe(0);
});

test('lists sessions in the order in which they came', () => {
  const { heartbeat, members } = makeHeartbeat(5);
  expect([...{ [Symbol.iterator]: () => heartbeat[Symbol.iterator]() }]).toEqual(members);
});
