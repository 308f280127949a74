// Legacy call sites with default and namespace imports, as they were written: they must compile. Only the name of the package is another.
import * as root from '@throughline/compat';
import ConnectionManager from '@throughline/compat/connection-manager';
import IsolatedManager from '@throughline/compat/isolated-manager';
import Manager, * as compatibility from '@throughline/compat/manager';
import type * as protocols from '@throughline/compat/protocols';
// oxlint-disable-next-line import/default -- it is there, and a type.
import type ManagerProtocol from '@throughline/compat/protocols';
import * as unified from '@throughline/compat/unified-manager';
import UnifiedManager, { WebSocketManagerMode } from '@throughline/compat/unified-manager';
import { default as SessionManager } from '@throughline/compat/user-session-manager';
import * as canonical from '@throughline/compat/websocket-manager';
import InterfaceManager, { getWebSocketManager } from '@throughline/compat/websocket-manager';
import type { UserContext } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import ManagerFactory, * as factory from '../src/tombstone.js';
import { startLegacyService } from './legacy-service.js';

/** One function per way of importing. They are compiled; those of classes are run below. */
export const importStyles: Record<string, (ctx: UserContext) => ManagerProtocol> = {
  'interface class': (ctx) => new InterfaceManager(ctx),
  'implementation class': (ctx) => new UnifiedManager({ userContext: ctx, mode: WebSocketManagerMode.UNIFIED }),
  'compatibility module': (ctx) => new Manager(ctx),
  'alias: connections': (ctx) => new ConnectionManager(ctx),
  'alias: sessions': (ctx) => new SessionManager(ctx),
  'isolated class': (ctx) => new IsolatedManager(ctx),
  'namespace: interface class': (ctx) => new canonical.WebSocketManager(ctx),
  'namespace: default': (ctx) => new compatibility.default(ctx),
  'namespace: implementation class': (ctx) =>
    new unified.UnifiedWebSocketManager(ctx, unified.WebSocketManagerMode.ISOLATED),
  'namespace: getter': (ctx) => canonical.getWebSocketManager(ctx),
  'namespace: root': (ctx) => root.createWebSocketManager(ctx),
  'beside a default import': (ctx) => getWebSocketManager(ctx),
};

/** The factory keeps its types under every import. */
export const factories: Record<string, (ctx: UserContext) => protocols.WebSocketManagerProtocol> = {
  default: (ctx) => new ManagerFactory().createManager(ctx),
  namespace: (ctx) => factory.getWebSocketManagerFactory().createManager(ctx),
};

/** Default imports served as types, too, and were extended. */
export class Notifier extends InterfaceManager {
  one?: Manager;
  others: readonly UnifiedManager[] = [];
  protocol?: protocols.default;
  factory?: ManagerFactory;
}

describe('S3 S4 default and namespace imports', () => {
  test.each(Object.entries(importStyles))('make a manager of the user: %s', async (_, make) => {
    const { contextOf } = await startLegacyService();
    const manager = make(await contextOf('ada'));
    expect(manager).toBeInstanceOf(Manager);
    expect(manager.user_id).toBe('ada');
  });

  test.each(Object.entries(factories))('S2 of the factory fail at the first call: %s', async (_, make) => {
    const userContext = await (await startLegacyService()).contextOf('ada');
    expect(() => make(userContext)).toThrow(expect.objectContaining({ code: 'FACTORY_REMOVED' }));
  });

  test('are the very things that named imports give', () => {
    expect(Manager).toBe(compatibility.WebSocketManager);
    expect(UnifiedManager).toBe(unified.UnifiedWebSocketManager);
    expect(InterfaceManager).toBe(canonical.WebSocketManager);
    expect(ManagerFactory).toBe(factory.WebSocketManagerFactory);
    expect(
      new Set([Manager, UnifiedManager, InterfaceManager, ConnectionManager, SessionManager, IsolatedManager]).size,
    ).toBe(6);
  });
});
