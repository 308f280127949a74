import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressOf } from '../src/address.js';

const from = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

test.each([
  ['203.0.113.9', undefined, 0, '203.0.113.9'],
  ['::ffff:203.0.113.9', undefined, 0, '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', undefined, 0, '2001:db8:1:2::/64'],
  ['2001:DB8::1', undefined, 0, '2001:db8:0:0::/64'],
  ['fe80::1%eth0', undefined, 0, 'fe80:0:0:0::/64'],
  ['::1', undefined, 0, '0:0:0:0::/64'],
  // What a stranger writes into the header counts only as far as trusted proxies wrote it.
  ['10.0.0.1', '198.51.100.1', 0, '10.0.0.1'],
  ['10.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', 'forged, 198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', '192.0.2.66, 198.51.100.1, 10.0.0.7', 2, '198.51.100.1'],
  ['10.0.0.1', '2001:db8:9::7', 1, '2001:db8:9:0::/64'],
  ['10.0.0.1', 'forged', 1, '10.0.0.1'],
  ['10.0.0.1', undefined, 3, '10.0.0.1'],
])('R10 from %s, forwarded for %s, behind %i proxies: counted as %s', (socket, forwarded, hops, expected) => {
  expect(addressOf(from(socket, forwarded), hops)).toBe(expected);
});
