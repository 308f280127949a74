import { expect, test } from 'vitest';
import { originAllowed } from '../src/origin.js';

const list = ['https://app.example', 'http://localhost:5173'];

test.each([
  ['https://app.example', 'api.example', list],
  ['http://localhost:5173', 'api.example', list],
  ['https://api.example', 'api.example', undefined],
  ['https://api.example', 'api.example:443', undefined],
  ['http://api.example', 'api.example:80', undefined],
  ['https://api.example:8443', 'api.example:8443', undefined],
  ['https://API.example', 'api.EXAMPLE', undefined],
  ['http://[::1]:3000', '[::1]:3000', undefined],
])('the origin %s may connect to %s', (origin, host, allowed) => {
  expect(originAllowed({ origin, host }, allowed, true)).toBe(true);
});

test.each<[string, string | undefined, readonly string[] | undefined]>([
  ['https://evil.example', 'api.example', list],
  ['https://app.example:8443', 'api.example', list],
  ['http://app.example', 'api.example', list],
  ['https://api.example', 'api.example', list],
  ['https://evil.example', 'api.example', undefined],
  ['https://api.example.evil.example', 'api.example', undefined],
  ['https://evil-api.example', 'api.example', undefined],
  ['https://api.example:8443', 'api.example', undefined],
  ['http://api.example', 'api.example:443', undefined],
  ['null', 'api.example', undefined],
  ['null', 'null', undefined],
  ['file://', 'api.example', undefined],
  ['', 'api.example', undefined],
  ['not an origin', 'api.example', undefined],
  ['https://api.example', undefined, undefined],
  ['https://api.example', '', undefined],
  ['https://api.example', 'api example', undefined],
  ['https://anything.example', 'api.example', []],
])('the origin %s may not connect to %s', (origin, host, allowed) => {
  expect(originAllowed({ origin, host }, allowed, false)).toBe(false);
});

test('an origin may be absent, but not beside a cookie', () => {
  expect(originAllowed({ host: 'api.example' }, undefined, false)).toBe(true);
  expect(originAllowed({ host: 'api.example' }, list, false)).toBe(true);
  expect(originAllowed({ host: 'api.example' }, undefined, true)).toBe(false);
  expect(originAllowed({ host: 'api.example' }, list, true)).toBe(false);
});
