// Whose request it is, as far as a network address tells.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address that limits are counted by.
 *
 * @param trustedProxies how many proxies stand in front, each of which appends to `X-Forwarded-For`. What a stranger
 *   wrote into that header stands before what those appended, and is not looked at.
 * @returns an IPv4 address; of an IPv6 address the first 64 bits, which is what one household is given
 */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
  const hops = [...forwarded, request.socket.remoteAddress ?? ''].map((hop) => hop.trim());
  const address = hops.at(-1 - trustedProxies) ?? '';
  return groupOf(isIP(address) > 0 ? address : (request.socket.remoteAddress ?? ''));
}

function groupOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (isIP(address) !== 6) return address;
  const [left = '', right] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const before = left.split(':').filter(Boolean);
  const after = (right ?? '').split(':').filter(Boolean);
  const zeros = right === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.slice(0, 4).join(':')}::/64`;
}
