import { legacyClass } from './legacy-class.js';
import type { LegacyManager, LegacyManagerClass, LegacyMode } from './legacy-manager.js';

/** @deprecated TL_DEP0009: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export const UnifiedWebSocketManager: LegacyManagerClass = /* @__PURE__ */ legacyClass('TL_DEP0009');

/** @deprecated TL_DEP0009: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export type UnifiedWebSocketManager = LegacyManager;

/** @deprecated TL_DEP0015: Leave the mode out: there is one. To be removed in 2.0.0. */
export const WebSocketManagerMode: {
  readonly UNIFIED: 'unified';
  readonly ISOLATED: 'isolated';
  readonly EMERGENCY: 'emergency';
  readonly DEGRADED: 'degraded';
} = { UNIFIED: 'unified', ISOLATED: 'isolated', EMERGENCY: 'emergency', DEGRADED: 'degraded' };

/** @deprecated TL_DEP0015: Leave the mode out: there is one. To be removed in 2.0.0. */
export type WebSocketManagerMode = LegacyMode;

export { UnifiedWebSocketManager as default };
