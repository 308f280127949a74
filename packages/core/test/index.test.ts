import { expect, test } from 'vitest';
import * as core from '../src/index.js';
import * as log from '../src/log.js';

test('S6: the entry opens these functions, the name of a channel, and nothing else', () => {
  expect(Object.keys(core).toSorted()).toEqual([
    'errorCodes',
    'getWebSocketManager',
    'healthHandlers',
    'isThroughlineError',
    'memoryLog',
    'narrowUserContext',
    'startWebSocketService',
    'telemetryChannel',
  ]);
});

test('the contract of a log is types alone', () => {
  expect(Object.keys(log)).toEqual([]);
});
