import { expect, test } from 'vitest';
import { clientError } from '../src/errors.js';

test('the message is the code in words, and what is known beyond it', () => {
  expect(clientError('MESSAGE_TOO_OLD')).toMatchObject({
    name: 'ClientError',
    code: 'MESSAGE_TOO_OLD',
    message: 'message too old',
  });
  expect(clientError('GAP', 'offset 3').message).toBe('gap: offset 3');
  expect(String(clientError('CLOSED', 4403))).toBe('ClientError: closed: 4403');
  expect(clientError('CLOSED')).toBeInstanceOf(Error);
});

test('a cause is kept, and what a service says is said in its words', () => {
  const cause = new Error('fetch failed');
  expect(clientError('TOKEN_FAILED', undefined, { cause })).toMatchObject({ message: 'token failed', cause });
  expect(clientError('RUN_UNKNOWN', undefined, { id: 'c-1', message: 'No such run.' })).toMatchObject({
    code: 'RUN_UNKNOWN',
    id: 'c-1',
    message: 'No such run.',
  });
});
