// Legacy call sites, as they were written: they must compile. Only the name of the package is another.
import { createWebSocketManager as fromRoot } from '@throughline/compat';
import { WebSocketConnectionManager } from '@throughline/compat/connection-manager';
import { IsolatedWebSocketManager } from '@throughline/compat/isolated-manager';
import { WebSocketManager as CompatibilityManager } from '@throughline/compat/manager';
import type { WebSocketManagerProtocol } from '@throughline/compat/protocols';
import { UnifiedWebSocketManager, WebSocketManagerMode } from '@throughline/compat/unified-manager';
import { UserSessionManager } from '@throughline/compat/user-session-manager';
import {
  getLegacyWebSocketManager,
  getWebSocketManager,
  WebSocketManager,
} from '@throughline/compat/websocket-manager';
import {
  createWebSocketManager,
  getWebSocketManagerFactory,
  WebSocketManagerFactory,
} from '@throughline/compat/websocket-manager-factory';
import type { UserContext } from '@throughline/core';
import { expect, test } from 'vitest';

/** One function per way in which legacy code got hold of a manager. They are compiled, not run. */
export const creationStyles: Record<
  string,
  (ctx: UserContext) => WebSocketManagerProtocol | Promise<WebSocketManagerProtocol>
> = {
  'interface class': (ctx) => new WebSocketManager(ctx),
  'interface class without arguments': () => new WebSocketManager(),
  'implementation class': (ctx) => new UnifiedWebSocketManager(ctx),
  'implementation class with a mode': (ctx) =>
    new UnifiedWebSocketManager({ mode: WebSocketManagerMode.UNIFIED, userContext: ctx }),
  'canonical getter': (ctx) => getWebSocketManager(ctx),
  // Some files awaited it, others did not: both compiled.
  // oxlint-disable-next-line typescript/await-thenable
  'canonical getter, awaited': async (ctx) => await getWebSocketManager(ctx),
  'canonical getter without an argument': () => getWebSocketManager(),
  'factory function': (ctx) => createWebSocketManager(ctx),
  'factory function from the root': (ctx) => fromRoot(ctx),
  'factory class': (ctx) => new WebSocketManagerFactory().createManager(ctx),
  'factory class, isolated': () => new WebSocketManagerFactory().createIsolatedManager('ada', 'c-1'),
  'factory getter': (ctx) => getWebSocketManagerFactory().createManager(ctx),
  'isolated class': (ctx) => new IsolatedWebSocketManager(ctx),
  'compatibility module': (ctx) => new CompatibilityManager(ctx),
  'alias: connections': (ctx) => new WebSocketConnectionManager(ctx),
  'alias: sessions': (ctx) => new UserSessionManager(ctx),
  'singleton of a class': () => UnifiedWebSocketManager.getInstance(),
  singleton: () => getLegacyWebSocketManager(),
};

/** Messages were of declared types, or of none. */
export interface Note {
  readonly type: 'note';
  readonly text: string;
}

/** Classes served as types, too, and were extended. */
export class Notifier extends WebSocketManager {
  unified?: UnifiedWebSocketManager;
  others: readonly CompatibilityManager[] = [];
  isolated?: IsolatedWebSocketManager;
  factory?: WebSocketManagerFactory;
  mode: WebSocketManagerMode = WebSocketManagerMode.DEGRADED;

  async notify(userId: string): Promise<boolean> {
    const sent: boolean = await this.sendToUser(userId, {
      type: 'agent_start',
      data: { name: 'researcher' },
      thread_id: 't',
    });
    await this.emitCriticalEvent(userId, 'tool_execute', { name: 'sql', params: {} });
    if (this.isUserConnected(userId) && this.getConnectionCount() > 0) await this.emitAgentCompleted({ result: {} });
    for (const id of this.getUserConnections(userId)) await this.sendEvent(id, 'agent_complete', { status: 'success' });
    const note: Note = { type: 'note', text: 'hello' };
    const anything: Record<string, unknown> = { ...note, thread_id: 't' };
    await this.sendToThread('t', note);
    await this.sendToUser(userId, anything);
    await this.emitAgentEvent(userId, note.type, note);
    this.handleConnection({}, userId);
    return sent && (await this.waitForConnection(userId, 1_000));
  }
}

test('S3 S4 a legacy call site compiles unchanged, one for each way to get a manager', () => {
  expect(Object.keys(creationStyles)).toHaveLength(18);
  expect(Notifier.prototype).toBeInstanceOf(Object);
});
