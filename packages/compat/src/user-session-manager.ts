import { legacyClass } from './legacy-class.js';
import type { LegacyManager, LegacyManagerClass } from './legacy-manager.js';

/** @deprecated TL_DEP0012: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export const UserSessionManager: LegacyManagerClass = /* @__PURE__ */ legacyClass('TL_DEP0012');

/** @deprecated TL_DEP0012: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
export type UserSessionManager = LegacyManager;

export { UserSessionManager as default };
