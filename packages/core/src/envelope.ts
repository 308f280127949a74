// The part of the envelope that says whom an event is for. It comes first in each entry, at a place that is known
// without parsing, so that a reader can see at a glance whether it holds what is its user's.
import type { Identity } from './authenticator.js';
import type { UserKey } from './log.js';

/** The tenant of those who have none; it is not written. */
export const defaultTenant = 'default';

/** `"user_id":"ada"`, with the tenant where there is one. */
export function envelopeOf({ user_id, tenant_id }: UserKey): string {
  const user = `"user_id":${JSON.stringify(user_id)}`;
  return tenant_id === defaultTenant ? user : `${user},"tenant_id":${JSON.stringify(tenant_id)}`;
}

/** The key of whoever is named so. */
export function userKeyOf({ user_id, tenant_id = defaultTenant }: Pick<Identity, 'user_id' | 'tenant_id'>): UserKey {
  return { tenant_id, user_id };
}

/** Whether two keys name one user. */
export function sameUser(one: UserKey, other: UserKey): boolean {
  return one.user_id === other.user_id && one.tenant_id === other.tenant_id;
}

/** A user's key as one text: no two users have the same, whatever their ids hold. */
export function nameOf({ tenant_id, user_id }: UserKey): string {
  return JSON.stringify([tenant_id, user_id]);
}

const comma = 0x2c;

/** What follows the user in an entry. */
const behindUser = ',"type":';

/**
 * The canary: whether encoded entries are those of the user of this envelope. Looks at the first of them.
 *
 * Nothing should ever make it speak: sessions are handed one log, and logs take no entry of another user. If it does,
 * something is broken that no type and no test has seen, and the session ends before a byte is sent.
 *
 * @param envelope from {@link envelopeOf}: ASCII, as all ids are
 */
export function isOf(envelope: string, bytes: Buffer): boolean {
  const code = bytes[1] as number;
  const header = code < 126 ? 2 : code === 126 ? 4 : 10;
  let at = header + '{"offset":'.length;
  while (bytes[at] !== comma && at < bytes.length) at += 1;
  at += ',"mark":"01234567",'.length;
  return holdsAt(bytes, at, envelope) && holdsAt(bytes, at + envelope.length, behindUser);
}

/** For so few bytes a loop is faster than a call out of JavaScript. */
function holdsAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
