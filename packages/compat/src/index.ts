import type { UserContext } from '@throughline/core';
import { BoundManager } from './bound-manager.js';
import { deprecate } from './deprecate.js';
import type { LegacyManager, LegacyMode, LegacyOptions } from './legacy-manager.js';

export type { LegacyConnection, LegacyConnectionHealth, LegacyStats } from './connections.js';
export { type CompatError, type CompatErrorCode, compatErrorCodes, isCompatError } from './errors.js';
export type {
  LegacyData,
  LegacyManager,
  LegacyManagerClass,
  LegacyMessage,
  LegacyMode,
  LegacyOptions,
} from './legacy-manager.js';

/**
 * The manager of a user, under its legacy names.
 *
 * @throws CONTEXT_REQUIRED; what `getWebSocketManager` of core throws
 * @deprecated TL_DEP0001: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0.
 */
export function createWebSocketManager(
  userContext?: UserContext,
  modeOrOptions?: LegacyMode | LegacyOptions,
): LegacyManager {
  deprecate('TL_DEP0001', createWebSocketManager);
  return new BoundManager([userContext, modeOrOptions], createWebSocketManager);
}
