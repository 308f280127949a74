import type { Database } from '../src/database.js';

/** An account that nobody logs in to: no password has to be hashed for it. */
export function addPerson(database: Database, name: string): string {
  const user_id = `user-${name}`;
  database
    .prepare('INSERT OR IGNORE INTO accounts (user_id, name, password_hash) VALUES (?, ?, ?)')
    .run(user_id, name, 'none');
  return user_id;
}
