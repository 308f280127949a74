import { describe, expect, it, onTestFinished } from 'vitest';
import { createAccounts } from '../src/accounts.js';
import { type Database, openDatabase } from '../src/database.js';
import { createLoginLimit } from '../src/login-limit.js';
import { createLogins, loginLifeMs } from '../src/logins.js';
import { hashPassword, verifyPassword } from '../src/passwords.js';
import { temporaryFolder } from './folder.js';
import { addPerson } from './people.js';

async function open(): Promise<Database> {
  const database = openDatabase(await temporaryFolder());
  onTestFinished(() => {
    database.close();
  });
  return database;
}

describe('passwords', { timeout: 30_000 }, () => {
  it('are kept as scrypt, each with a salt of its own', async () => {
    const [one, other] = await Promise.all([hashPassword('throughline'), hashPassword('throughline')]);
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
    await expect(verifyPassword('throughline', one)).resolves.toBe(true);
    await expect(verifyPassword('Throughline', one)).resolves.toBe(false);
  });

  it.each(['', 'throughline', 'md5$x', 'scrypt$32768$8$3$$'])('never match what is no hash: %j', async (stored) => {
    await expect(verifyPassword('throughline', stored)).resolves.toBe(false);
  });
});

describe('accounts', { timeout: 30_000 }, () => {
  it('are found by the right name and password only', async () => {
    const accounts = await createAccounts(await open());
    await accounts.seed('ada', 'correct horse');
    await expect(accounts.verify('ada', 'correct horse')).resolves.toMatchObject({
      name: 'ada',
      user_id: expect.stringMatching(/^user-/),
    });
    await expect(accounts.verify('ada', 'wrong horse')).resolves.toBeUndefined();
    await expect(accounts.verify('nobody', 'correct horse')).resolves.toBeUndefined();
    await expect(accounts.verify("ada' OR '1'='1", 'correct horse')).resolves.toBeUndefined();
  });

  it('keep their id when they are seeded again, and take the new password', async () => {
    const accounts = await createAccounts(await open());
    await accounts.seed('ada', 'correct horse');
    const before = await accounts.verify('ada', 'correct horse');
    await accounts.seed('ada', 'battery staple');
    await expect(accounts.verify('ada', 'battery staple')).resolves.toEqual(before);
    await expect(accounts.verify('ada', 'correct horse')).resolves.toBeUndefined();
  });

  it('hold no password in the database', async () => {
    const database = await open();
    await (await createAccounts(database)).seed('ada', 'correct horse');
    expect(JSON.stringify(database.prepare('SELECT * FROM accounts').all())).not.toContain('correct horse');
  });
});

describe('log-ins', () => {
  async function loggedIn() {
    const database = await open();
    const account = { user_id: addPerson(database, 'ada'), name: 'ada' };
    let time = 1_000_000;
    const logins = createLogins(database, () => time);
    return { database, account, logins, passTime: (ms: number) => (time += ms) };
  }

  it('are found by their secret, which the database does not hold', async () => {
    const { database, account, logins } = await loggedIn();
    const secret = logins.begin(account);
    expect(logins.find(secret)).toMatchObject(account);
    expect(logins.find(`${secret}x`)).toBeUndefined();
    expect(JSON.stringify(database.prepare('SELECT * FROM logins').all())).not.toContain(secret);
  });

  it('end when told to, and only then the one', async () => {
    const { account, logins } = await loggedIn();
    const [one, other] = [logins.begin(account), logins.begin(account)];
    const login_id = logins.find(one)?.login_id ?? '';
    expect(logins.isOn(login_id, account.user_id)).toBe(true);
    expect(logins.isOn(login_id, 'user-other')).toBe(false);
    logins.end(login_id);
    expect(logins.find(one)).toBeUndefined();
    expect(logins.isOn(login_id, account.user_id)).toBe(false);
    expect(logins.find(other)).toMatchObject(account);
  });

  it('end by themselves after a week', async () => {
    const { account, logins, passTime } = await loggedIn();
    const secret = logins.begin(account);
    passTime(loginLifeMs - 1);
    expect(logins.find(secret)).toMatchObject(account);
    passTime(1);
    expect(logins.find(secret)).toBeUndefined();
  });
});

describe('the limit on attempts', () => {
  const limits = { perName: 3, perAddress: 5, seconds: 60 };

  it('slows down guessing one name, from one place', async () => {
    const limit = createLoginLimit(limits);
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(limit.tryOnce('ada', '10.0.0.1')).resolves.toBe(0);
    await expect(limit.tryOnce('ada', '10.0.0.1')).resolves.toBeGreaterThan(0);
    await expect(limit.tryOnce('ada', '10.0.0.2')).resolves.toBe(0);
  });

  it('slows down trying name after name', async () => {
    const limit = createLoginLimit(limits);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await expect(limit.tryOnce(name, '10.0.0.1')).resolves.toBe(0);
    await expect(limit.tryOnce('f', '10.0.0.1')).resolves.toBeGreaterThan(0);
  });

  it('does not count who succeeds', async () => {
    const limit = createLoginLimit(limits);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await expect(limit.tryOnce('ada', '10.0.0.1')).resolves.toBe(0);
      await limit.succeeded('ada', '10.0.0.1');
    }
  });
});
