import { describe, expect, test } from 'vitest';
import * as tombstone from '../src/tombstone.js';

const { createWebSocketManager, getWebSocketManagerFactory, WebSocketManagerFactory } = tombstone;

function failureOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
}

describe('S2 the factory stays removed', () => {
  test.each<[string, () => unknown, string]>([
    ['createWebSocketManager', () => createWebSocketManager(), 'TL_DEP0002'],
    ['WebSocketManagerFactory', () => new WebSocketManagerFactory(), 'TL_DEP0003'],
    ['getWebSocketManagerFactory', () => getWebSocketManagerFactory().createManager(), 'TL_DEP0004'],
    ['WebSocketManagerFactory', () => WebSocketManagerFactory.prototype.createManager(), 'TL_DEP0003'],
    [
      'WebSocketManagerFactory',
      () => WebSocketManagerFactory.prototype.createIsolatedManager('ada', 'c-1'),
      'TL_DEP0003',
    ],
  ])('%s fails at the first call and names the line, the replacement and the codemod', (symbol, call, code) => {
    const { message, ...error } = failureOf(call);
    expect(error).toMatchObject({ name: 'CompatError', code: 'FACTORY_REMOVED' });
    expect(message).toMatch(
      new RegExp(`^${symbol}, called at ${import.meta.filename}:\\d+, was removed \\(${code}\\)\\.`),
    );
    expect(message).toContain('Use getWebSocketManager(userContext) of @throughline/core');
    expect(message).toContain('the codemod manager-factory will do it');
  });

  test('and names the very line', () => {
    const line = Number(/test\.ts:(\d+)/.exec(new Error('here').stack?.split('\n')[1] ?? '')?.[1]);
    const failure = failureOf(() => createWebSocketManager());
    expect(failure.message).toContain(`tombstone.test.ts:${line + 1},`);
  });

  test('in a class that extends it too', () => {
    class OwnFactory extends WebSocketManagerFactory {}
    expect(failureOf(() => new OwnFactory()).message).toContain('tombstone.test.ts:');
  });
});
