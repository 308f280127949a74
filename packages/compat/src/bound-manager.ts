// A legacy manager over the manager of core: every method is a call or two of its public API, or says why there is none.
import { getWebSocketManager, type UserContext, type WebSocketManager } from '@throughline/core';
import type { Callable } from './call-site.js';
import { connected, connectionIdsOf, healthOf, type LegacyConnectionHealth, type LegacyStats } from './connections.js';
import { countRefusedUser, deprecate } from './deprecate.js';
import { compatError } from './errors.js';
import { type DeprecationCode, deprecations } from './generated/deprecations.js';
import { type Fields, fieldsGiven, partsOf, readLegacyEvent } from './legacy-event.js';
import type { LegacyData, LegacyManager, LegacyMessage, LegacyMode, LegacyOptions } from './legacy-manager.js';
import { type OpenRuns, openRunsOf } from './open-runs.js';

const modeCode = 'TL_DEP0015';

/** What a constructor and a getter accept. */
export type Given = readonly [
  (UserContext | (LegacyOptions & { readonly userContext: UserContext }) | undefined)?,
  (LegacyMode | LegacyOptions | undefined)?,
];

/** How long `waitForConnection` waits unless told otherwise, in ms. */
const waitMs = 5_000;

/** What `manager.disconnect()` of core takes as a reason, in bytes of UTF-8. */
const reasonBytes = 120;

export class BoundManager implements LegacyManager {
  readonly #manager: WebSocketManager;
  readonly #runs: OpenRuns;

  /**
   * @param below the shim that was called, for warnings
   * @throws CONTEXT_REQUIRED; what `getWebSocketManager` of core throws
   */
  constructor([first, second]: Given, below: Callable) {
    const options = typeof second === 'string' ? { mode: second } : second;
    const alone = typeof first === 'object' && first !== null && 'userContext' in first ? first : undefined;
    const userContext = alone ? alone.userContext : (first as UserContext | undefined);
    const { mode } = { ...alone, ...options };
    if (mode !== undefined) deprecate(modeCode, below);
    if (userContext === undefined || userContext === null) {
      throw compatError('CONTEXT_REQUIRED', 'A manager without a user context belongs to nobody.');
    }
    this.#manager = getWebSocketManager(userContext);
    this.#runs = openRunsOf(this.#manager, userContext);
  }

  static is(value: unknown): value is BoundManager {
    return typeof value === 'object' && value !== null && #manager in value;
  }

  get user_id(): string {
    return this.#manager.user_id;
  }

  sendToUser(userId: string, message: LegacyMessage): Promise<boolean> {
    const use = used('TL_DEP0016', methods.sendToUser);
    return this.#sendTo(userId, use, () => partsOf(message));
  }

  sendToThread(threadId: string, message: LegacyMessage): Promise<boolean> {
    const use = used('TL_DEP0017', methods.sendToThread);
    return this.#send(use, () => {
      const { type, said } = partsOf(message);
      return { type, said: { ...said, thread_id: threadId } };
    });
  }

  emitCriticalEvent(userId: string, type: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0018', methods.emitCriticalEvent);
    return this.#sendTo(userId, use, () => ({ type, said: fieldsGiven(data) }));
  }

  emitAgentEvent(userId: string, type: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0019', methods.emitAgentEvent);
    return this.#sendTo(userId, use, () => ({ type, said: fieldsGiven(data) }));
  }

  sendAgentEvent(userId: string, type: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0020', methods.sendAgentEvent);
    return this.#sendTo(userId, use, () => ({ type, said: fieldsGiven(data) }));
  }

  sendEvent(connectionId: string, type: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0021', methods.sendEvent);
    return this.#send(use, () => {
      // Another's connection is meant for another's eyes, even if this log would not show it to them.
      if (!connectionIdsOf(this.#manager).includes(connectionId)) this.#refuse('connection id', use);
      return { type, said: fieldsGiven(data) };
    });
  }

  emitAgentStarted(data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0022', methods.emitAgentStarted);
    return this.#send(use, () => ({ type: 'agent_started', said: fieldsGiven(data) }));
  }

  emitAgentThinking(data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0023', methods.emitAgentThinking);
    return this.#send(use, () => ({ type: 'agent_thinking', said: fieldsGiven(data) }));
  }

  emitToolExecuting(data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0024', methods.emitToolExecuting);
    return this.#send(use, () => ({ type: 'tool_executing', said: fieldsGiven(data) }));
  }

  emitToolCompleted(data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0025', methods.emitToolCompleted);
    return this.#send(use, () => ({ type: 'tool_completed', said: fieldsGiven(data) }));
  }

  emitAgentCompleted(data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0026', methods.emitAgentCompleted);
    return this.#send(use, () => ({ type: 'agent_completed', said: fieldsGiven(data) }));
  }

  notifyAgentStarted(agentName: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0027', methods.notifyAgentStarted);
    return this.#send(use, () => ({ type: 'agent_started', said: { ...fieldsGiven(data), agent_name: agentName } }));
  }

  notifyAgentThinking(agentName: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0028', methods.notifyAgentThinking);
    return this.#send(use, () => ({ type: 'agent_thinking', said: { ...fieldsGiven(data), agent_name: agentName } }));
  }

  notifyToolExecuting(agentName: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0029', methods.notifyToolExecuting);
    return this.#send(use, () => ({ type: 'tool_executing', said: { ...fieldsGiven(data), agent_name: agentName } }));
  }

  notifyToolCompleted(agentName: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0030', methods.notifyToolCompleted);
    return this.#send(use, () => ({ type: 'tool_completed', said: { ...fieldsGiven(data), agent_name: agentName } }));
  }

  notifyAgentCompleted(agentName: string, data?: LegacyData): Promise<boolean> {
    const use = used('TL_DEP0031', methods.notifyAgentCompleted);
    return this.#send(use, () => ({ type: 'agent_completed', said: { ...fieldsGiven(data), agent_name: agentName } }));
  }

  connectUser(): never {
    used('TL_DEP0032', methods.connectUser);
    throw compatError('REGISTRATION_REMOVED', 'connectUser registers nothing.');
  }

  addConnection(): never {
    used('TL_DEP0033', methods.addConnection);
    throw compatError('REGISTRATION_REMOVED', 'addConnection registers nothing.');
  }

  registerConnection(): never {
    used('TL_DEP0034', methods.registerConnection);
    throw compatError('REGISTRATION_REMOVED', 'registerConnection registers nothing.');
  }

  handleConnection(): never {
    used('TL_DEP0035', methods.handleConnection);
    throw compatError('REGISTRATION_REMOVED', 'handleConnection registers nothing.');
  }

  disconnectUser(userId: string, _code?: number, reason?: string): Promise<number> {
    const use = used('TL_DEP0036', methods.disconnectUser);
    return settled(() => {
      this.#checkUser(userId, use);
      return this.#manager.disconnect(closeReason(reason));
    });
  }

  isUserConnected(userId: string): boolean {
    const use = used('TL_DEP0037', methods.isUserConnected);
    this.#checkUser(userId, use);
    return connectionIdsOf(this.#manager).length > 0;
  }

  getUserConnections(userId: string): string[] {
    const use = used('TL_DEP0038', methods.getUserConnections);
    this.#checkUser(userId, use);
    return connectionIdsOf(this.#manager);
  }

  getConnectionCount(userId: string = this.user_id): number {
    const use = used('TL_DEP0039', methods.getConnectionCount);
    this.#checkUser(userId, use);
    return connectionIdsOf(this.#manager).length;
  }

  waitForConnection(userId: string, timeout: number = waitMs): Promise<boolean> {
    const use = used('TL_DEP0040', methods.waitForConnection);
    return settled(() => {
      this.#checkUser(userId, use);
      return connected(this.#manager, timeout);
    });
  }

  getStats(): LegacyStats {
    used('TL_DEP0041', methods.getStats);
    const { user_id, total_connections, active_connections } = healthOf(this.#manager);
    return { user_id, total_connections, active_connections, unique_users: 1, mode: 'unified' };
  }

  getConnectionHealth(userId: string): LegacyConnectionHealth {
    const use = used('TL_DEP0042', methods.getConnectionHealth);
    this.#checkUser(userId, use);
    return healthOf(this.#manager);
  }

  broadcast(): never {
    used('TL_DEP0043', methods.broadcast);
    throw compatError('BROADCAST_REMOVED', 'broadcast has no addressee.');
  }

  broadcastToAll(): never {
    used('TL_DEP0044', methods.broadcastToAll);
    throw compatError('BROADCAST_REMOVED', 'broadcastToAll has no addressee.');
  }

  broadcastMessage(): never {
    used('TL_DEP0045', methods.broadcastMessage);
    throw compatError('BROADCAST_REMOVED', 'broadcastMessage has no addressee.');
  }

  attemptMessageRecovery(userId: string = this.user_id): Promise<number> {
    const use = used('TL_DEP0046', methods.attemptMessageRecovery);
    return settled(() => {
      this.#checkUser(userId, use);
      return 0;
    });
  }

  processRecoveryQueue(userId: string = this.user_id): Promise<number> {
    const use = used('TL_DEP0047', methods.processRecoveryQueue);
    return settled(() => {
      this.#checkUser(userId, use);
      return 0;
    });
  }

  getErrorStatistics(): Readonly<Record<string, number>> {
    used('TL_DEP0048', methods.getErrorStatistics);
    return {};
  }

  #sendTo(userId: unknown, use: Use, read: () => LegacyEvent): Promise<boolean> {
    return this.#send(use, () => {
      this.#checkUser(userId, use);
      return read();
    });
  }

  /** Reads an event at once, so that its line is still in the stack, and appends it. */
  #send(use: Use, read: () => LegacyEvent): Promise<boolean> {
    return settled(() => {
      const { type: given, said } = read();
      if (said['user_id'] !== undefined) this.#checkUser(said['user_id'], use);
      const { type, fields, legacyType, legacyFields } = readLegacyEvent(given, said);
      if (legacyFields) deprecate('TL_DEP0049', use.below);
      if (legacyType) deprecate('TL_DEP0050', use.below);
      return this.#runs.append(type, fields).then(() => true);
    });
  }

  #checkUser(userId: unknown, use: Use): void {
    if (userId !== this.user_id) this.#refuse('user id', use);
  }

  #refuse(what: string, { code, below }: Use): never {
    countRefusedUser(code, below);
    throw compatError(
      'ISOLATION',
      `The ${what} given to ${deprecations[code].symbol} is not of the user of this manager.`,
    );
  }
}

/** The functions that stand in the stack, whatever is made of them later. */
const methods: Readonly<Omit<LegacyManager, 'user_id'>> = BoundManager.prototype;

/** An event as legacy code calls it, and what it says. */
interface LegacyEvent {
  readonly type: string;
  readonly said: Fields;
}

/** A method that was called. */
interface Use {
  readonly code: DeprecationCode;
  readonly below: Callable;
}

/** Counts and warns of the call of a method. */
function used(code: DeprecationCode, below: Callable): Use {
  deprecate(code, below);
  return { code, below };
}

/** As much of a reason as a close frame holds; legacy code gave any text, or none. */
function closeReason(reason: unknown): string | undefined {
  if (typeof reason !== 'string') return undefined;
  let bytes = 0;
  let end = 0;
  for (const character of reason) {
    bytes += Buffer.byteLength(character);
    if (bytes > reasonBytes) break;
    end += character.length;
  }
  return reason.slice(0, end);
}

/** A promise that may be left alone: a rejection that nobody looks at must not end the process. */
function settled<T>(work: () => T | Promise<T>): Promise<T> {
  const promise = (async () => work())();
  promise.catch(() => {});
  return promise;
}
