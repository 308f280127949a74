// The contract of a legacy manager: the names that grew over the years, each with what replaces it. Types only.
import type { UserContext } from '@throughline/core';
import type { LegacyConnectionHealth, LegacyStats } from './connections.js';

/** The modes that legacy code names. Accepted, ignored, warned of: there is one. */
export type LegacyMode =
  | 'UNIFIED'
  | 'ISOLATED'
  | 'EMERGENCY'
  | 'DEGRADED'
  | 'unified'
  | 'isolated'
  | 'emergency'
  | 'degraded';

/** What legacy code may hand in beside a user context. */
export interface LegacyOptions {
  readonly mode?: LegacyMode;
}

/** The data of an event, under its names here or its legacy names. `thread_id` and `run_id` say where it belongs. */
export type LegacyData = object;

/** A message: its `type`, and its data under `data`, under `payload` or beside it. Of any declared type: it is checked when it is sent. */
export type LegacyMessage = object;

/**
 * What legacy code holds to speak to a user. It speaks to the user of its context alone.
 *
 * A send resolves with `true` once its event is stored, and rejects when it is not. Not looking at it is safe.
 */
export interface LegacyManager {
  /** Whom it speaks to. */
  readonly user_id: string;

  /**
   * Appends a message to the log of the bound user. A foreign id throws ISOLATION.
   *
   * @deprecated TL_DEP0016: Use `manager.run()`, or `manager.send()` outside a run. To be removed in 2.0.0.
   */
  sendToUser(userId: string, message: LegacyMessage): Promise<boolean>;
  /**
   * Appends a message to a thread of the bound user.
   *
   * @deprecated TL_DEP0017: Use `manager.send()` with the thread. To be removed in 2.0.0.
   */
  sendToThread(threadId: string, message: LegacyMessage): Promise<boolean>;
  /** @deprecated TL_DEP0018: Use the methods of a run, or `manager.send()` outside one. To be removed in 2.0.0. */
  emitCriticalEvent(userId: string, type: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0019: Use the methods of a run, or `manager.send()` outside one. To be removed in 2.0.0. */
  emitAgentEvent(userId: string, type: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0020: Use the methods of a run, or `manager.send()` outside one. To be removed in 2.0.0. */
  sendAgentEvent(userId: string, type: string, data?: LegacyData): Promise<boolean>;
  /**
   * The id of an open session of the bound user is accepted; any other throws ISOLATION.
   *
   * @deprecated TL_DEP0021: Use the methods of a run, or `manager.send()` outside one. To be removed in 2.0.0.
   */
  sendEvent(connectionId: string, type: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0022: Use `manager.run()`: it begins by itself. To be removed in 2.0.0. */
  emitAgentStarted(data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0023: Use `run.thinking()`. To be removed in 2.0.0. */
  emitAgentThinking(data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0024: Use `run.toolExecuting()`. To be removed in 2.0.0. */
  emitToolExecuting(data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0025: Use `completed()` of what `run.toolExecuting()` gives. To be removed in 2.0.0. */
  emitToolCompleted(data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0026: Use what `manager.run()` ends with: its callback returns or throws. To be removed in 2.0.0. */
  emitAgentCompleted(data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0027: Use `manager.run()`: it begins by itself. To be removed in 2.0.0. */
  notifyAgentStarted(agentName: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0028: Use `run.thinking()`. To be removed in 2.0.0. */
  notifyAgentThinking(agentName: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0029: Use `run.toolExecuting()`. To be removed in 2.0.0. */
  notifyToolExecuting(agentName: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0030: Use `completed()` of what `run.toolExecuting()` gives. To be removed in 2.0.0. */
  notifyToolCompleted(agentName: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0031: Use what `manager.run()` ends with: its callback returns or throws. To be removed in 2.0.0. */
  notifyAgentCompleted(agentName: string, data?: LegacyData): Promise<boolean>;
  /** @deprecated TL_DEP0032: Delete the call: a socket registers itself at the handshake. To be removed in 2.0.0. */
  connectUser(...given: readonly unknown[]): never;
  /** @deprecated TL_DEP0033: Delete the call: a socket registers itself at the handshake. To be removed in 2.0.0. */
  addConnection(...given: readonly unknown[]): never;
  /** @deprecated TL_DEP0034: Delete the call: a socket registers itself at the handshake. To be removed in 2.0.0. */
  registerConnection(...given: readonly unknown[]): never;
  /** @deprecated TL_DEP0035: Delete the call: a socket registers itself at the handshake. To be removed in 2.0.0. */
  handleConnection(...given: readonly unknown[]): never;
  /**
   * Closes all sessions of the bound user with 1000: its pages stay away until they are loaded or told to connect. `code` is ignored, and
   * `reason` is cut to 120 bytes. Gives how many were closed.
   *
   * @deprecated TL_DEP0036: Use `manager.disconnect()`, or `service.revoke(userContext)` to end the sign-in as well. To be removed in 2.0.0.
   */
  disconnectUser(userId: string, code?: number, reason?: string): Promise<number>;
  /** @deprecated TL_DEP0037: Use `manager.receipts()`. To be removed in 2.0.0. */
  isUserConnected(userId: string): boolean;
  /**
   * The ids of the open sessions.
   *
   * @deprecated TL_DEP0038: Use `manager.receipts()`. To be removed in 2.0.0.
   */
  getUserConnections(userId: string): string[];
  /**
   * Of the bound user alone.
   *
   * @deprecated TL_DEP0039: Use `manager.receipts()`, or `service.health()` for all users. To be removed in 2.0.0.
   */
  getConnectionCount(userId?: string): number;
  /**
   * Whether the user has a session, after `timeout` milliseconds at the latest (default 5,000).
   *
   * @deprecated TL_DEP0040: Delete the call: what is sent before a page connects waits in the log. To be removed in 2.0.0.
   */
  waitForConnection(userId: string, timeout?: number): Promise<boolean>;
  /**
   * Of the bound user alone.
   *
   * @deprecated TL_DEP0041: Use `manager.receipts()`, or `service.health()` for all users. To be removed in 2.0.0.
   */
  getStats(): LegacyStats;
  /** @deprecated TL_DEP0042: Use `manager.receipts()`: it tells what each session has processed. To be removed in 2.0.0. */
  getConnectionHealth(userId: string): LegacyConnectionHealth;
  /** @deprecated TL_DEP0043: Speak to each user through the manager of that user: nothing is sent untargeted. To be removed in 2.0.0. */
  broadcast(...given: readonly unknown[]): never;
  /** @deprecated TL_DEP0044: Speak to each user through the manager of that user: nothing is sent untargeted. To be removed in 2.0.0. */
  broadcastToAll(...given: readonly unknown[]): never;
  /** @deprecated TL_DEP0045: Speak to each user through the manager of that user: nothing is sent untargeted. To be removed in 2.0.0. */
  broadcastMessage(...given: readonly unknown[]): never;
  /**
   * Does nothing, and says 0 messages: none wait outside the log.
   *
   * @deprecated TL_DEP0046: Delete the call: the log replaces it. To be removed in 2.0.0.
   */
  attemptMessageRecovery(userId?: string): Promise<number>;
  /**
   * Does nothing, and says 0 messages: none wait outside the log.
   *
   * @deprecated TL_DEP0047: Delete the call: the log replaces it. To be removed in 2.0.0.
   */
  processRecoveryQueue(userId?: string): Promise<number>;
  /**
   * Holds no statistics: each failure was told to whoever sent.
   *
   * @deprecated TL_DEP0048: Use `service.health()`: failed sends reject with a typed error. To be removed in 2.0.0.
   */
  getErrorStatistics(): Readonly<Record<string, number>>;
}

/** A class whose instances are legacy managers. Without a user context it compiles, as it did, and throws. */
export interface LegacyManagerClass {
  /** @throws CONTEXT_REQUIRED; what `getWebSocketManager` of core throws */
  new (userContext?: UserContext, modeOrOptions?: LegacyMode | LegacyOptions): LegacyManager;
  new (options: LegacyOptions & { readonly userContext: UserContext }): LegacyManager;
  /** @deprecated TL_DEP0008: Use `getWebSocketManager(userContext)` of `@throughline/core`. To be removed in 2.0.0. */
  getInstance(...given: readonly unknown[]): never;
}
