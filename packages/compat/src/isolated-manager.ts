import { legacyClass } from './legacy-class.js';
import type { LegacyManager, LegacyManagerClass } from './legacy-manager.js';

/** @deprecated TL_DEP0013: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export const IsolatedWebSocketManager: LegacyManagerClass = /* @__PURE__ */ legacyClass('TL_DEP0013');

/** @deprecated TL_DEP0013: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export type IsolatedWebSocketManager = LegacyManager;

export { IsolatedWebSocketManager as default };
