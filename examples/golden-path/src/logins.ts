import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Account } from './accounts.js';
import type { Database } from './database.js';

/** A browser that is logged in. (A *session* is something else here: one socket's, and it dies with it.) */
export interface Login extends Account {
  /** Names this log-in in tokens; not what the cookie holds. */
  readonly login_id: string;
}

export interface Logins {
  /** @returns the secret for the cookie. Only its hash is kept: who reads the database cannot log in with it. */
  begin(account: Account): string;
  find(secret: string): Login | undefined;
  /** Is this log-in still on? A token of one that ended is worth nothing, however long it would last. */
  isOn(login_id: string, user_id: string): boolean;
  end(login_id: string): void;
}

/** A week, as for most sites that are not a bank. */
export const loginLifeMs: number = 7 * 24 * 60 * 60 * 1000;

/** The secret has 256 random bits: a plain hash is enough, a slow one is for what people choose. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export function createLogins(database: Database, now: () => number = Date.now): Logins {
  const insert = database.prepare(
    'INSERT INTO logins (login_id, secret_hash, user_id, expires_at) VALUES (?, ?, ?, ?)',
  );
  const forget = database.prepare('DELETE FROM logins WHERE expires_at <= ?');
  const bySecret = database.prepare(
    `SELECT login_id, user_id, name FROM logins JOIN accounts USING (user_id) WHERE secret_hash = ? AND expires_at > ?`,
  );
  const byId = database.prepare('SELECT 1 FROM logins WHERE login_id = ? AND user_id = ? AND expires_at > ?');
  const remove = database.prepare('DELETE FROM logins WHERE login_id = ?');

  return {
    begin({ user_id }) {
      const secret = randomBytes(32).toString('base64url');
      forget.run(now());
      insert.run(randomUUID(), hashOf(secret), user_id, now() + loginLifeMs);
      return secret;
    },
    find(secret) {
      const row = bySecret.get(hashOf(secret), now()) as Login | undefined;
      return row && { login_id: row.login_id, user_id: row.user_id, name: row.name };
    },
    isOn: (login_id, user_id) => byId.get(login_id, user_id, now()) !== undefined,
    end(login_id) {
      remove.run(login_id);
    },
  };
}
