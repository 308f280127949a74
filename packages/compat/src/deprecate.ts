// What every shim does first: find out who calls, count it, tell it, warn once.
import { channel } from 'node:diagnostics_channel';
import { type Callable, type CallSite, callSite } from './call-site.js';
import { type DeprecationCode, deprecations } from './generated/deprecations.js';
import { createLedger, type LineCount } from './ledger.js';
import { createWarnings } from './warnings.js';

/** The name of the channel of `node:diagnostics_channel` on which uses are published, each a {@link UsageEvent}. Who listens must not throw. */
export const usageChannel = 'throughline:compat';

/** A call of a shim (`shim_used`), or one that was refused because it named another user (`user_refused`). */
export type UsageEvent = LineCount;

/** Of each line the first calls are published one by one, later ones each hundredth: `calls` counts them all. */
const publishedOneByOne = 100;

// The one place where this package remembers something: what it counts and warns of are the lines of a process.
const ledger = createLedger();
const warnings = createWarnings(process);

/**
 * Says that something deprecated is used.
 *
 * @param below the shim that is under way: its caller is who uses it
 */
export function deprecate(code: DeprecationCode, below: Callable): void {
  warnings.warn(deprecations[code], countUse(code, below), below);
}

/**
 * Warns the caller of `below` of a use that no call shows, such as what a page sends: what strangers do must not warn, since a
 * warning may end the process.
 *
 * @returns the line, for {@link countUseAt}
 */
export function warnAhead(code: DeprecationCode, below: Callable): CallSite {
  const site = callSite(below);
  warnings.warn(deprecations[code], site, below);
  return site;
}

/** Counts a use that no call shows for the line that allows it. */
export function countUseAt(code: DeprecationCode, site: CallSite): void {
  publish(ledger.add('shim_used', deprecations[code], site));
}

/** Counts a use of something that fails by itself, so that nobody need be warned of it. */
export function countUse(code: DeprecationCode, below: Callable): CallSite {
  const site = callSite(below);
  countUseAt(code, site);
  return site;
}

/** Counts a call that named another user than that of its manager. */
export function countRefusedUser(code: DeprecationCode, below: Callable): void {
  publish(ledger.add('user_refused', deprecations[code], callSite(below)));
}

/** All lines that were counted in this process. */
export function countedLines(): readonly LineCount[] {
  return ledger.list();
}

function publish(count: LineCount): void {
  if (count.calls > publishedOneByOne && count.calls % publishedOneByOne !== 0) return;
  const listeners = channel(usageChannel);
  if (listeners.hasSubscribers) listeners.publish({ ...count } satisfies UsageEvent);
}
