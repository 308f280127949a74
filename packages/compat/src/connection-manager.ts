import { legacyClass } from './legacy-class.js';
import type { LegacyManager, LegacyManagerClass } from './legacy-manager.js';

/** @deprecated TL_DEP0011: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export const WebSocketConnectionManager: LegacyManagerClass = /* @__PURE__ */ legacyClass('TL_DEP0011');

/** @deprecated TL_DEP0011: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export type WebSocketConnectionManager = LegacyManager;

export { WebSocketConnectionManager as default };
