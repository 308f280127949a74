import { randomUUID } from 'node:crypto';
import type { Database } from './database.js';
import { hashPassword, verifyPassword } from './passwords.js';

export interface Account {
  readonly user_id: string;
  readonly name: string;
}

export interface Accounts {
  /** Makes the account, or gives an account that exists this password. */
  seed(name: string, password: string): Promise<void>;
  /** The account when the password is right. An unknown name takes as long as a wrong password. */
  verify(name: string, password: string): Promise<Account | undefined>;
}

interface AccountRow extends Account {
  readonly password_hash: string;
}

export async function createAccounts(database: Database): Promise<Accounts> {
  const byName = database.prepare('SELECT user_id, name, password_hash FROM accounts WHERE name = ?');
  const insert = database.prepare('INSERT INTO accounts (user_id, name, password_hash) VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE accounts SET password_hash = ? WHERE user_id = ?');
  const nobody = await hashPassword(randomUUID());
  const find = (name: string): AccountRow | undefined => byName.get(name) as AccountRow | undefined;

  return {
    async seed(name, password) {
      const found = find(name);
      if (found === undefined) insert.run(`user-${randomUUID()}`, name, await hashPassword(password));
      else if (!(await verifyPassword(password, found.password_hash)))
        update.run(await hashPassword(password), found.user_id);
    },
    async verify(name, password) {
      const found = find(name);
      const right = await verifyPassword(password, found?.password_hash ?? nobody);
      return found !== undefined && right ? { user_id: found.user_id, name: found.name } : undefined;
    },
  };
}
