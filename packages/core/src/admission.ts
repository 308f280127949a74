// Who may try to come in, how often, and how long it may take.
import type { IncomingMessage } from 'node:http';
import { addressOf } from './address.js';
import type { Authenticator, Identity } from './authenticator.js';
import { throughlineError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { RateLimiter } from './rate.js';
import type { HttpRefusal } from './refusal.js';
import type { Scheduler } from './scheduler.js';

/** The limits on handshakes. */
export interface Admission {
  /** Why this one must come later; `undefined` when there is room. Counts it. */
  limit(request: IncomingMessage): HttpRefusal | undefined;
  /**
   * Counts a refused credential.
   *
   * @returns whether its address has had too many: it is then answered in HTTP, without an upgrade
   */
  refused(request: IncomingMessage): boolean;
  /** The authenticator, bounded in time: one that takes too long is down. An identity that has expired is none. */
  readonly authenticate: Authenticator;
  /** Nobody waits for the authenticator any more: who does is told that the service is closed. */
  stop(): void;
}

export function createAdmission(options: ResolvedOptions, scheduler: Scheduler): Admission {
  const handshakes = new RateLimiter(options.handshakesPerAddress);
  const refusals = new RateLimiter(options.refusalsPerAddress);
  /** Each authentication under way, by what gives it up. */
  const underWay = new Set<(reason: Error) => void>();
  return {
    limit(request) {
      const wait = handshakes.take(addressOf(request, options.trustProxy), scheduler.now());
      if (wait === 0 && underWay.size < options.maxHandshakes) return undefined;
      const detail = 'Too many connections are being made.';
      return { status: 429, code: 'TOO_MANY_HANDSHAKES', detail, retryAfterSeconds: Math.max(1, wait) };
    },
    refused(request) {
      return refusals.take(addressOf(request, options.trustProxy), scheduler.now()) > 0;
    },
    async authenticate(credentials) {
      let cancel = () => {};
      let giveUp: (reason: Error) => void = () => {};
      const timeout = new Promise<never>((_, reject) => {
        // An error is made when it is needed: its stack costs more than all else here.
        const late = () => throughlineError('AUTHENTICATOR_DOWN', 'The authenticator did not answer in time.');
        cancel = scheduler.after(options.authenticateTimeoutMs, () => reject(late()));
        giveUp = reject;
      });
      underWay.add(giveUp);
      try {
        const identity = await Promise.race([options.authenticate(credentials), timeout]);
        return identity && lasts(identity, scheduler.now()) ? identity : null;
      } finally {
        cancel();
        underWay.delete(giveUp);
      }
    },
    stop() {
      const closed = throughlineError('SERVICE_CLOSED', 'The service was closed meanwhile.');
      for (const giveUp of underWay) giveUp(closed);
    },
  };
}

/** Whether it has not ended. What is no time would never end: it compares as false with every other. */
function lasts({ expires_at }: Identity, now: number): boolean {
  return expires_at === undefined || (typeof expires_at === 'number' && expires_at > now);
}
