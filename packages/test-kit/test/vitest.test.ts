import { describe, expect, test } from 'vitest';
import { history } from '../src/index.js';
import { throughlineMatchers } from '../src/vitest.js';
import { part, welcomeAt, whole, withChanges } from './planted-histories.js';

describe('S11 the matchers', () => {
  test('are not there until they are registered', () => {
    expect(() => expect(whole).toArriveExactlyOnceInOrder()).toThrow(/Invalid Chai property/);
    expect.extend(throughlineMatchers);
    expect([welcomeAt(0), ...whole]).toArriveExactlyOnceInOrder();
    expect(history(whole)).toFollowTheGoldenPath();
    expect(whole).toBeIsolatedFrom([{ user_id: 'bob' }]);
    expect([welcomeAt(0), ...whole]).toEqualUndisturbed(whole);
  });

  test('R20 fail with what the history says', () => {
    expect.extend(throughlineMatchers);
    const gap = withChanges({ 7: [] });
    expect(() => expect(history(gap, { seed: 5 })).toArriveExactlyOnceInOrder()).toThrow(/GAP.*\n.*seed 5/);
    expect(() => expect(part(1, 8)).toFollowTheGoldenPath()).toThrow(/no agent_completed/);
    expect(() => expect(whole).toBeIsolatedFrom(['fell'])).toThrow(/FOREIGN/);
    expect(() => expect(gap).toEqualUndisturbed(whole)).toThrow(/seq 7 is missing/);
    expect(gap).not.toArriveExactlyOnceInOrder();
    expect(() => expect(whole).not.toArriveExactlyOnceInOrder()).toThrow(/as it should not be/);
    expect(() => expect(1 as never).toArriveExactlyOnceInOrder()).toThrow(TypeError);
  });
});
