import { legacyClass } from './legacy-class.js';
import type { LegacyManager, LegacyManagerClass } from './legacy-manager.js';

/** @deprecated TL_DEP0010: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export const WebSocketManager: LegacyManagerClass = /* @__PURE__ */ legacyClass('TL_DEP0010');

/** @deprecated TL_DEP0010: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export type WebSocketManager = LegacyManager;

export { WebSocketManager as default };
