import { describe, expect, test } from 'vitest';
import { type Beating, Heartbeat } from '../src/heartbeat.js';
import { collectGarbage } from './collect-garbage.js';
import { type FakeScheduler, fakeScheduler } from './fake-scheduler.js';

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

/** The turns of a member, and how long it waited for each, from the time when it came. */
function waitsOf({ beats }: Member, cameAt = 0): number[] {
  return beats.map((second, index) => second - (beats[index - 1] ?? cameAt));
}

/** Half of 25 s, in 13 ticks of whole milliseconds: in seconds. */
const half = 12.493;

describe('each session has its turn twice per interval', () => {
  test.each([1, 2, 12, 13, 14, 60, 1_000])('when there are %i of them', (count) => {
    const { scheduler, members } = makeHeartbeat(count);
    scheduler.advance(250_000);
    for (const member of members) {
      const [first = Number.NaN, ...others] = waitsOf(member);
      expect(first).toBeLessThanOrEqual(half);
      expect(new Set(others.map((wait) => Math.round(wait * 1_000)))).toEqual(new Set([half * 1_000]));
    }
  });

  test('in small parts: no tick asks more than its share', () => {
    const { scheduler, members } = makeHeartbeat(1_000);
    for (let second = 1; second <= 50; second++) {
      const before = members.reduce((sum, { beats }) => sum + beats.length, 0);
      scheduler.advance(1_000);
      expect(members.reduce((sum, { beats }) => sum + beats.length, 0) - before).toBeLessThanOrEqual(2 * 77);
    }
  });

  test('whoever comes and goes meanwhile, be it nearly all at once', () => {
    const { scheduler, heartbeat, members } = makeHeartbeat(1_000);
    const left = members.filter((_, index) => index % 97 === 0);
    scheduler.advance(6_000);
    for (const member of members) if (!left.includes(member)) heartbeat.delete(member);
    const late = Array.from({ length: 500 }, () => makeMember(scheduler));
    scheduler.advance(3_000);
    for (const member of late) heartbeat.add(member);
    const gone = members.filter((member) => !left.includes(member)).map(({ beats }) => beats.length);
    scheduler.advance(91_000);
    expect(members.filter((member) => !left.includes(member)).map(({ beats }) => beats.length)).toEqual(gone);
    for (const member of left) expect(Math.max(...waitsOf(member))).toBeCloseTo(half, 6);
    for (const member of late) expect(Math.max(...waitsOf(member, 9))).toBeCloseTo(half, 6);
  });

  test('two rounds are never longer than the interval, whatever it is', () => {
    for (const intervalMs of [1_000, 1_001, 1_999, 2_000, 2_500, 3_000, 7_300, 25_000, 60_000]) {
      const { scheduler, members } = makeHeartbeat(7, intervalMs);
      scheduler.advance(intervalMs * 20);
      for (const member of members) {
        expect(Math.round(Math.max(...waitsOf(member)) * 2_000)).toBeLessThanOrEqual(intervalMs);
        // Nor much shorter, or a wire would carry more than was asked for.
        expect(member.beats.length).toBeLessThanOrEqual(41);
      }
    }
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
