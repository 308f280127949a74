// Makes the classes that legacy code constructs: one body, and a code of its own for each.
import { BoundManager, type Given } from './bound-manager.js';
import { deprecate } from './deprecate.js';
import { compatError } from './errors.js';
import type { DeprecationCode } from './generated/deprecations.js';
import type { LegacyManagerClass } from './legacy-manager.js';

/** A class whose use is counted and warned of under this code. */
export function legacyClass(code: DeprecationCode): LegacyManagerClass {
  return class Legacy extends BoundManager {
    constructor(...given: Given) {
      deprecate(code, Legacy);
      super(given, Legacy);
    }

    static getInstance(): never {
      deprecate('TL_DEP0008', Legacy.getInstance);
      throw compatError('CONTEXT_REQUIRED', 'There is no manager that all users share.');
    }

    /** The legacy classes were one class under several names. */
    static override [Symbol.hasInstance](value: unknown): boolean {
      return BoundManager.is(value);
    }
  };
}
