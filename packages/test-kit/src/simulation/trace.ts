// Everything that happens, in order: what is hashed into the digest, and what is shown when something went wrong.
import { createHash } from 'node:crypto';

/** How many lines of each user, and of the service, are remembered; all of them are hashed. */
const remembered = 48;
/** How many bytes are hashed at once: handing them over one line at a time would cost more than hashing them. */
const batchBytes = 65_536;
/** How much of a line is shown. */
const shown = 400;

export interface Trace {
  /**
   * @param who a user, a page (`user/page`) or the service
   * @param text goes on behind `what`
   */
  note(who: string, what: string, text?: string): void;
  /** Of the trace so far: SHA-256, in hexadecimal digits. */
  digest(): string;
  /** The latest lines of one user and of the service, oldest first. */
  latest(who: string, most: number): readonly string[];
}

interface Line {
  readonly number: number;
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly text: string;
}

/** The latest lines of one user, the next of which goes to index `next`. */
interface Ring {
  readonly lines: Line[];
  next: number;
}

const userOf = (who: string) => who.split('/')[0] as string;

/** @param elapsed virtual ms */
export function createTrace(elapsed: () => number): Trace {
  const hash = createHash('sha256');
  const batch = Buffer.allocUnsafeSlow(batchBytes);
  let filled = 0;
  let count = 0;
  /** By user. */
  const rings = new Map<string, Ring>();
  /** The same by user or page. */
  const ringsOf = new Map<string, Ring>();

  function flush(): void {
    hash.update(batch.subarray(0, filled));
    filled = 0;
  }

  function put(text: string): void {
    // No character takes more than three bytes.
    if (filled + text.length * 3 > batchBytes) flush();
    if (text.length * 3 > batchBytes) hash.update(text);
    else filled += batch.write(text, filled);
  }

  function ringOf(who: string): Ring {
    const user = userOf(who);
    const ring = rings.get(user) ?? { lines: [], next: 0 };
    rings.set(user, ring);
    ringsOf.set(who, ring);
    return ring;
  }

  return {
    note(who, what, text = '') {
      const at = elapsed();
      put(`${at} ${who} ${what}`);
      if (text !== '') put(text);
      put('\n');
      const ring = ringsOf.get(who) ?? ringOf(who);
      ring.lines[ring.next] = { number: count, at, who, what, text };
      ring.next = (ring.next + 1) % remembered;
      count += 1;
    },
    digest() {
      flush();
      return hash.copy().digest('hex');
    },
    latest(who, most) {
      const near = new Set([rings.get(userOf(who)), rings.get('service')]);
      const latest = [...near].flatMap((ring) => ring?.lines ?? []).sort((one, other) => one.number - other.number);
      return latest.slice(-most).map((line) => {
        const whole = `${line.at} ${line.who} ${line.what}${line.text}`;
        return whole.length > shown ? `${whole.slice(0, shown)}…` : whole;
      });
    },
  };
}
