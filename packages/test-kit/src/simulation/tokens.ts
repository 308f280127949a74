// Tokens that say what they are, so that every process judges them alike: `ada~1700000000000` is Ada until then.
import type { Identity } from '@throughline/core';

export function tokenOf(user_id: string, expiresAt: number): string {
  return `${user_id}~${expiresAt}`;
}

export function identityOf(token: string): Identity {
  const [user_id = '', expires_at] = token.split('~');
  return expires_at === undefined ? { user_id } : { user_id, expires_at: Number(expires_at) };
}
