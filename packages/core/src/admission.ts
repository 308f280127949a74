// How many authentications may be under way at once, and how long one may take.
import type { Authenticator, Identity } from './authenticator.js';
import { throughlineError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import type { Scheduler } from './scheduler.js';

/** Counts authentications under way. */
export interface Admission {
  /** The authenticator, bounded in time: one that takes too long is down. An identity that has expired is none. */
  readonly authenticate: Authenticator;
  readonly full: boolean;
}

export function createAdmission(options: ResolvedOptions, scheduler: Scheduler): Admission {
  let underWay = 0;
  return {
    get full() {
      return underWay >= options.maxHandshakes;
    },
    async authenticate(credentials) {
      underWay += 1;
      let cancel = () => {};
      const timeout = new Promise<never>((_, reject) => {
        const late = throughlineError('AUTHENTICATOR_DOWN', 'The authenticator did not answer in time.');
        cancel = scheduler.after(options.authenticateTimeoutMs, () => reject(late));
      });
      try {
        const identity = await Promise.race([options.authenticate(credentials), timeout]);
        return identity && lasts(identity, scheduler.now()) ? identity : null;
      } finally {
        cancel();
        underWay -= 1;
      }
    },
  };
}

/** Whether it has not ended. What is no time would never end: it compares as false with every other. */
function lasts({ expires_at }: Identity, now: number): boolean {
  return expires_at === undefined || (typeof expires_at === 'number' && expires_at > now);
}
