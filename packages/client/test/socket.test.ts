import { afterEach, expect, test, vi } from 'vitest';
import { webSocketUrl } from '../src/socket.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ['https://example.com/ws', 'wss://example.com/ws'],
  ['http://localhost:8080/ws', 'ws://localhost:8080/ws'],
  ['wss://example.com/ws?tenant=a#top', 'wss://example.com/ws?tenant=a'],
])('%s becomes %s', (given, url) => {
  expect(webSocketUrl(given).href).toBe(url);
  expect(webSocketUrl(new URL(given)).href).toBe(url);
});

test('a relative url is resolved against the page', () => {
  vi.stubGlobal('location', { href: 'https://example.com/chat/room' });
  expect(webSocketUrl('/ws').href).toBe('wss://example.com/ws');
  expect(webSocketUrl('live').href).toBe('wss://example.com/chat/live');
});

test('a URL that was given is left as it is', () => {
  const given = new URL('https://example.com/ws');
  webSocketUrl(given).searchParams.set('from', 'active');
  expect(given.href).toBe('https://example.com/ws');
});

test.each(['/ws', '', 'ftp://example.com/', 'http://'])('%j is refused by name', (url) => {
  expect(() => webSocketUrl(url)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(/: url /) }),
  );
});
