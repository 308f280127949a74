import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';

/** An open SQLite file. The driver is synchronous, so nothing comes between two statements. */
export type Database = Libsql.Database;

/** One step each; never edited, only followed by another. `user_version` says how many were taken. */
const migrations: readonly string[] = [
  `CREATE TABLE accounts (
     user_id TEXT PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     password_hash TEXT NOT NULL
   ) STRICT;
   CREATE TABLE logins (
     login_id TEXT PRIMARY KEY,
     secret_hash TEXT NOT NULL UNIQUE,
     user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
     expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE threads (
     user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
     thread_id TEXT NOT NULL,
     title TEXT NOT NULL,
     created_at TEXT NOT NULL,
     PRIMARY KEY (user_id, thread_id)
   ) STRICT;
   CREATE TABLE messages (
     user_id TEXT NOT NULL,
     message_id TEXT NOT NULL,
     thread_id TEXT NOT NULL,
     text TEXT NOT NULL,
     created_at TEXT NOT NULL,
     PRIMARY KEY (user_id, message_id),
     FOREIGN KEY (user_id, thread_id) REFERENCES threads (user_id, thread_id) ON DELETE CASCADE
   ) STRICT;
   CREATE TABLE runs (
     run_id TEXT PRIMARY KEY,
     user_id TEXT NOT NULL,
     message_id TEXT NOT NULL,
     agent_name TEXT NOT NULL,
     status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
     text TEXT NOT NULL DEFAULT '',
     thoughts TEXT NOT NULL DEFAULT '[]',
     tools TEXT NOT NULL DEFAULT '[]',
     error TEXT,
     started_at TEXT NOT NULL,
     ended_at TEXT,
     FOREIGN KEY (user_id, message_id) REFERENCES messages (user_id, message_id) ON DELETE CASCADE
   ) STRICT;
   CREATE INDEX runs_by_user ON runs (user_id, started_at);`,
];

function migrate(database: Database): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (row.user_version > migrations.length) {
    throw new Error(
      `The database was written by a newer version of this example (step ${row.user_version}, known ${migrations.length}).`,
    );
  }
  for (const [step, statements] of migrations.entries()) {
    if (step >= row.user_version) database.exec(`BEGIN; ${statements} PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
}

/** Opens (and creates, readable by its owner only) the database in a folder. */
export function openDatabase(directory: string): Database {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'golden-path.sqlite');
  const database = new Libsql(path);
  chmodSync(path, 0o600);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 2000;');
  migrate(database);
  return database;
}
