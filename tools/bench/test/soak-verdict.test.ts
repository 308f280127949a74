// A soak that passes whatever happens is none: each kind of leak and loss, planted in what was measured, fails it.
import { describe, expect, test } from 'vitest';
import { judge, type Measured } from '../src/soak-verdict.js';

const mebibyte = 1_048_576;
const idle = {
  heapBytes: 20 * mebibyte,
  codeBytes: mebibyte,
  handles: { PipeWrap: 1, TCPServerWrap: 1 },
  sessions: 0,
  runs: 0,
};

const sound: Measured = {
  before: { ...idle, heapBytes: 15 * mebibyte, handles: { PipeWrap: 1 } },
  warm: idle,
  left: { ...idle, heapBytes: 20.9 * mebibyte },
  closed: { ...idle, handles: { PipeWrap: 1 } },
  account: { expected: 1_000, whole: 1_000, wrong: [], deeds: { 'client cut': 30, 'token refreshed': 40 } },
};

describe('the verdict of a soak', () => {
  test('nothing against one that ended as it began, also when the heap became smaller', () => {
    expect(judge(sound)).toEqual([]);
    expect(judge({ ...sound, left: { ...idle, heapBytes: 10 * mebibyte } })).toEqual([]);
  });

  test.each<[string, Partial<Measured>, string]>([
    [
      'a heap that grew by more than 5 %',
      { left: { ...idle, heapBytes: 21.1 * mebibyte } },
      'The heap grew by 5.5 % since the warm-up; 5.0 % are allowed.',
    ],
    [
      'a heap that nobody measured',
      { left: { ...idle, heapBytes: Number.NaN } },
      'The heap grew by NaN % since the warm-up; 5.0 % are allowed.',
    ],
    ['a session', { left: { ...idle, sessions: 2 } }, '2 sessions are left, and all clients have gone.'],
    ['a run', { left: { ...idle, runs: 1 } }, '1 runs are left, and all agents have ended.'],
    [
      'a timer, with all clients gone',
      { left: { ...idle, handles: { ...idle.handles, Timeout: 3 } } },
      'With all clients gone, 3 Timeout more than after the warm-up.',
    ],
    [
      'a socket more than there were',
      { left: { ...idle, handles: { PipeWrap: 2, TCPServerWrap: 1 } } },
      'With all clients gone, 1 PipeWrap more than after the warm-up.',
    ],
    [
      'a server, after the close',
      { closed: { ...idle, handles: { PipeWrap: 1, TCPServerWrap: 1 } } },
      'After the close, 1 TCPServerWrap more than before the start.',
    ],
    [
      'an answer that did not come whole',
      { account: { ...sound.account, whole: 999, wrong: ['ada: q7 lacks its beginning'] } },
      'ada: q7 lacks its beginning',
    ],
    [
      'an answer that is not accounted for',
      { account: { ...sound.account, whole: 999 } },
      '999 of 1000 answers came whole.',
    ],
    ['a crowd that asked nothing', { account: { ...sound.account, expected: 0, whole: 0 } }, 'Nothing was asked.'],
    [
      'a trouble that never came',
      { account: { ...sound.account, deeds: { ...sound.account.deeds, 'client reset': 0 } } },
      '"client reset" never happened: nothing is known of it.',
    ],
  ])('finds %s', (_, planted, reason) => {
    expect(judge({ ...sound, ...planted })).toContain(reason);
  });

  test('tells everything that is wrong, not only the first', () => {
    const left = { ...idle, heapBytes: 40 * mebibyte, handles: { TCPSocketWrap: 1 }, sessions: 1, runs: 1 };
    expect(judge({ ...sound, left })).toHaveLength(4);
  });
});
