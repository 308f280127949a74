import type { LegacyManager } from './legacy-manager.js';

/** @deprecated TL_DEP0014: Use the type `WebSocketManager` of `@throughline/core`. To be removed in 2.0.0. */
export type WebSocketManagerProtocol = LegacyManager;

export type { WebSocketManagerProtocol as default };
