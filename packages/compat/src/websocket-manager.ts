import type { UserContext } from '@throughline/core';
import { BoundManager } from './bound-manager.js';
import { deprecate } from './deprecate.js';
import { compatError } from './errors.js';
import { legacyClass } from './legacy-class.js';
import type { LegacyManager, LegacyManagerClass, LegacyMode, LegacyOptions } from './legacy-manager.js';

/** @deprecated TL_DEP0005: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export const WebSocketManager: LegacyManagerClass = /* @__PURE__ */ legacyClass('TL_DEP0005');

/** @deprecated TL_DEP0005: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export type WebSocketManager = LegacyManager;

/**
 * The manager of a user, under its legacy names.
 *
 * @throws CONTEXT_REQUIRED; what `getWebSocketManager` of core throws
 * @deprecated TL_DEP0006: Import `getWebSocketManager` from `@throughline/core`. To be removed in 2.0.0.
 */
export function getWebSocketManager(
  userContext?: UserContext,
  modeOrOptions?: LegacyMode | LegacyOptions,
): LegacyManager {
  deprecate('TL_DEP0006', getWebSocketManager);
  return new BoundManager([userContext, modeOrOptions], getWebSocketManager);
}

/**
 * Throws: there is no manager of nobody.
 *
 * @deprecated TL_DEP0007: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0.
 */
export function getLegacyWebSocketManager(..._given: readonly unknown[]): LegacyManager {
  deprecate('TL_DEP0007', getLegacyWebSocketManager);
  throw compatError('CONTEXT_REQUIRED', 'There is no manager that all users share.');
}

export { WebSocketManager as default };
