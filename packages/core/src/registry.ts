// The users this process serves, each by one record.
import { nameOf } from './envelope.js';
import type { UserKey } from './log.js';
import type { Runtime } from './runtime.js';
import { type HeldLog, release, User } from './user.js';

/**
 * Finds users.
 *
 * A record lives as long as somebody needs it: a session, a run, a manager or a user context. It is held weakly here, so
 * that a process which has served a million users does not remember them all.
 */
export class Registry {
  readonly #runtime: Runtime;
  readonly #users = new Map<string, WeakRef<User>>();
  readonly #gone: FinalizationRegistry<{ readonly name: string; readonly held: HeldLog }>;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#gone = new FinalizationRegistry(({ name, held }) => {
      release(held);
      // Meanwhile the user may have come back as another record.
      if (!this.#users.get(name)?.deref()) this.#users.delete(name);
    });
  }

  /** The record of a user, made when there is none. */
  open(key: UserKey): User {
    const name = nameOf(key);
    const known = this.#users.get(name)?.deref();
    if (known) return known;
    const user = new User(key, this.#runtime);
    this.#users.set(name, new WeakRef(user));
    this.#gone.register(user, { name, held: user.held });
    return user;
  }

  /** All users anybody still needs. */
  *[Symbol.iterator](): Iterator<User> {
    for (const reference of this.#users.values()) {
      const user = reference.deref();
      if (user) yield user;
    }
  }
}
