// Where the factory was. It keeps the types, so that a service compiles and boots, and fails at the first call.
import type { UserContext } from '@throughline/core';
import type { Callable } from './call-site.js';
import { countUse } from './deprecate.js';
import { compatError } from './errors.js';
import { type DeprecationCode, deprecations } from './generated/deprecations.js';
import type { LegacyManager } from './legacy-manager.js';

/** @deprecated TL_DEP0002: Use `getWebSocketManager(userContext)` of `@throughline/core`. Removed in 0.1.0. */
export function createWebSocketManager(_userContext?: UserContext, ..._given: readonly unknown[]): LegacyManager {
  return fail('TL_DEP0002', createWebSocketManager);
}

/** @deprecated TL_DEP0003: Use `getWebSocketManager(userContext)` of `@throughline/core`. Removed in 0.1.0. */
export interface WebSocketManagerFactory {
  createManager(userContext?: UserContext, ...given: readonly unknown[]): LegacyManager;
  createIsolatedManager(userId: string, connectionId: string): LegacyManager;
}

/** @deprecated TL_DEP0003: Use `getWebSocketManager(userContext)` of `@throughline/core`. Removed in 0.1.0. */
export const WebSocketManagerFactory: new (...given: readonly unknown[]) => WebSocketManagerFactory =
  /* @__PURE__ */ retiredClass();

/** @deprecated TL_DEP0004: Use `getWebSocketManager(userContext)` of `@throughline/core`. Removed in 0.1.0. */
export function getWebSocketManagerFactory(..._given: readonly unknown[]): WebSocketManagerFactory {
  return fail('TL_DEP0004', getWebSocketManagerFactory);
}

export { WebSocketManagerFactory as default };

function retiredClass(): typeof WebSocketManagerFactory {
  return class Retired implements WebSocketManagerFactory {
    constructor() {
      fail('TL_DEP0003', Retired);
    }

    createManager(): LegacyManager {
      return fail('TL_DEP0003', this.createManager);
    }

    createIsolatedManager(): LegacyManager {
      return fail('TL_DEP0003', this.createIsolatedManager);
    }
  };
}

function fail(code: DeprecationCode, below: Callable): never {
  const { file, line } = countUse(code, below);
  const { symbol } = deprecations[code];
  throw compatError('FACTORY_REMOVED', `${symbol}, called at ${file}:${line}, was removed (${code}).`);
}
