// Everything that happens, in order: what is hashed into the digest, and what is shown when something went wrong.
import { createHash } from 'node:crypto';

/** How much is remembered, in lines; all of it is hashed. */
const remembered = 20_000;
const batch = 512;

export interface Trace {
  /** @param who a user, a page (`user/page`) or the service */
  note(who: string, what: string): void;
  /** How many lines there were. */
  readonly count: number;
  /** Of the trace so far: SHA-256, in hexadecimal digits. */
  digest(): string;
  /** The latest lines of one user and of the service, oldest first. */
  latest(who: string, most: number): readonly string[];
}

/** @param elapsed virtual ms */
export function createTrace(elapsed: () => number): Trace {
  const hash = createHash('sha256');
  let lines: string[] = [];
  let hashed = 0;
  let count = 0;

  function flush(): void {
    if (hashed === lines.length) return;
    hash.update(`${lines.slice(hashed).join('\n')}\n`);
    if (lines.length > remembered) lines = lines.slice(-remembered / 2);
    hashed = lines.length;
  }

  return {
    note(who, what) {
      count += 1;
      lines.push(`${elapsed()} ${who} ${what}`);
      if (lines.length - hashed >= batch) flush();
    },
    get count() {
      return count;
    },
    digest() {
      flush();
      return hash.copy().digest('hex');
    },
    latest(who, most) {
      const user = who.split('/')[0] as string;
      const near = lines.filter((line) => {
        const name = line.slice(line.indexOf(' ') + 1);
        return name.startsWith(`${user}/`) || name.startsWith(`${user} `) || name.startsWith('service ');
      });
      return near.slice(-most).map((line) => (line.length > 400 ? `${line.slice(0, 400)}…` : line));
    },
  };
}
