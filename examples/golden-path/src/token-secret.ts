import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
const secretBytes = 32;

/** The key that signs tokens: random for each installation, beside the database, readable by its owner only. */
export function tokenSecret(directory: string): Uint8Array {
  const path = join(directory, 'token-secret');
  try {
    // Whoever comes first makes it; 'wx' fails for everyone else.
    writeFileSync(path, randomBytes(secretBytes), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = readFileSync(path);
  if (secret.length !== secretBytes)
    throw new Error(`${path} does not hold ${secretBytes} bytes; delete it, and another is made.`);
  return new Uint8Array(secret);
}
