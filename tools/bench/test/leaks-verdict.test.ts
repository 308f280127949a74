// A leak check that passes whatever happens is none: each kind of leak, planted in what was measured, fails it.
import { describe, expect, test } from 'vitest';
import { type Checkpoint, growthOf, growthPerThousand, judge } from '../src/leaks-verdict.js';

const heapBytes = 9_000_000;

const checkpoint = (connects: number, more: Partial<Checkpoint> = {}): Checkpoint => ({
  connects,
  heapBytes,
  handles: { PipeWrap: 2, TCPServerWrap: 1 },
  sessions: 0,
  runs: 0,
  instances: new Map([
    ['WeakRef', 17],
    ['Map', 300],
  ]),
  ...more,
});

/** While somebody was there. */
const peopled = new Map([
  ['User', 1],
  ['WeakRef', 18],
  ['MemoryUserLog', 1],
  ['Session', 1],
  ['UpgradedSocket', 1],
  ['Socket', 1],
]);
const verdictOn = (checkpoints: readonly Checkpoint[]) => judge(checkpoints, peopled);

const at = [0, 25_000, 50_000, 75_000, 100_000];
/** Every connect leaves so many bytes. */
const leaving = (bytes: number) => at.map((count) => checkpoint(count, { heapBytes: heapBytes + count * bytes }));

describe('the verdict of the leak check', () => {
  test('nothing against a heap that stays, shrinks, or rises and falls again', () => {
    expect(verdictOn(leaving(0))).toEqual([]);
    expect(verdictOn(leaving(-10))).toEqual([]);
    const noise = [0, 90_000, -30_000, 60_000, 20_000];
    const noisy = at.map((count, n) => checkpoint(count, { heapBytes: heapBytes + (noise[n] as number) }));
    expect(verdictOn(noisy)).toEqual([]);
  });

  test('the growth is that of each 1,000 connects, through all checkpoints', () => {
    expect(growthOf(leaving(3))).toBeCloseTo(3_000);
  });

  test('the least thing that every connect leaves is too much', () => {
    expect(verdictOn(leaving(24))).toEqual([
      `The heap grew by 24000 bytes for each 1,000 connects; ${growthPerThousand} are allowed.`,
    ]);
  });

  test.each<[string, Partial<Checkpoint>, string]>([
    ['a heap that nobody measured', { heapBytes: Number.NaN }, /NaN bytes for each/.source],
    ['a session', { sessions: 1 }, '1 sessions are left, and all clients have gone.'],
    ['sessions that nobody counted', { sessions: Number.NaN }, 'NaN sessions are left'],
    ['a run', { runs: 2 }, '2 runs are left, and all agents have ended.'],
    ['a timer', { handles: { PipeWrap: 2, TCPServerWrap: 1, Timeout: 1 } }, '1 Timeout more than after the warm-up.'],
    ['a record of a user', { instances: new Map([['User', 1]]) }, '1 objects of User more than after the warm-up.'],
    ['an entry of the registry', { instances: new Map([['WeakRef', 18]]) }, '1 objects of WeakRef more than'],
  ])('finds %s', (_, more, reason) => {
    const reasons = verdictOn([...leaving(0).slice(0, -1), checkpoint(100_000, more)]);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(reason);
  });

  test('a class that nobody has ever seen does not pass: it has another name', () => {
    const renamed = new Map([...peopled].filter(([name]) => name !== 'Session'));
    expect(judge(leaving(0), renamed)).toEqual(['No object of Session was seen while somebody was there.']);
  });

  test('what was not measured does not pass', () => {
    expect(verdictOn([])).toEqual(['Nothing was measured.']);
    expect(verdictOn([checkpoint(0)])).toEqual(['Nothing was measured.']);
  });
});
