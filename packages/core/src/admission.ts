// How many authentications may be under way at once, and how long one may take.
import type { Authenticator } from './authenticator.js';
import { throughlineError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import type { Scheduler } from './scheduler.js';

/** Counts authentications under way. */
export interface Admission {
  /** The authenticator, bounded in time: one that takes too long is down. */
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
        return await Promise.race([options.authenticate(credentials), timeout]);
      } finally {
        cancel();
        underWay -= 1;
      }
    },
  };
}
