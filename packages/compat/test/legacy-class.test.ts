import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketConnectionManager } from '../src/connection-manager.js';
import { createWebSocketManager } from '../src/index.js';
import { IsolatedWebSocketManager } from '../src/isolated-manager.js';
import { WebSocketManager as CompatibilityManager } from '../src/manager.js';
import { UnifiedWebSocketManager, WebSocketManagerMode } from '../src/unified-manager.js';
import { type UsageEvent, usageChannel } from '../src/usage.js';
import { UserSessionManager } from '../src/user-session-manager.js';
import { getLegacyWebSocketManager, getWebSocketManager, WebSocketManager } from '../src/websocket-manager.js';
import { startLegacyService } from './legacy-service.js';

const classes = {
  TL_DEP0005: WebSocketManager,
  TL_DEP0009: UnifiedWebSocketManager,
  TL_DEP0010: CompatibilityManager,
  TL_DEP0011: WebSocketConnectionManager,
  TL_DEP0012: UserSessionManager,
  TL_DEP0013: IsolatedWebSocketManager,
};

function published(): readonly UsageEvent[] {
  const events: UsageEvent[] = [];
  const listen = (event: unknown) => void events.push(event as UsageEvent);
  subscribe(usageChannel, listen);
  onTestFinished(() => void unsubscribe(usageChannel, listen));
  return events;
}

describe.each(Object.entries(classes))('S3 the class of %s', (code, Legacy) => {
  test('makes a manager of the user of the context, and is counted', async () => {
    const { contextOf, stored } = await startLegacyService();
    const events = published();
    const manager = new Legacy(await contextOf('ada'));
    expect(manager.user_id).toBe('ada');
    expect(events).toMatchObject([{ kind: 'shim_used', code, file: import.meta.filename }]);
    await manager.sendToThread('t-1', { type: 'acme.note' });
    expect(stored).toHaveLength(1);
  });

  test('S9 makes none without a context', () => {
    expect(() => new Legacy()).toThrow(expect.objectContaining({ code: 'CONTEXT_REQUIRED' }));
  });

  test('S9 has no instance that all share', () => {
    expect(() => Legacy.getInstance()).toThrow(expect.objectContaining({ code: 'CONTEXT_REQUIRED' }));
  });

  test('is the class of what the others make, and may be extended', async () => {
    const { contextOf } = await startLegacyService();
    const userContext = await contextOf('ada');
    class Own extends Legacy {
      greeting = 'hello';
    }
    expect(new Own(userContext)).toMatchObject({ greeting: 'hello', user_id: 'ada' });
    for (const made of [new Own(userContext), createWebSocketManager(userContext), new WebSocketManager(userContext)]) {
      expect(made instanceof Legacy).toBe(true);
    }
    expect({} instanceof Legacy).toBe(false);
    expect((null as unknown) instanceof Legacy).toBe(false);
  });
});

describe('S3 modes', () => {
  test.each([...Object.values(WebSocketManagerMode), 'UNIFIED', 'ISOLATED', 'EMERGENCY', 'DEGRADED'] as const)(
    '%s is accepted, ignored and warned of, however it is handed in',
    async (mode) => {
      const { contextOf } = await startLegacyService();
      const userContext = await contextOf('ada');
      const events = published();
      const managers = [
        new UnifiedWebSocketManager(userContext, mode),
        new UnifiedWebSocketManager(userContext, { mode }),
        new UnifiedWebSocketManager({ userContext, mode }),
        getWebSocketManager(userContext, mode),
        createWebSocketManager(userContext, mode),
      ];
      expect(managers.map((manager) => manager.getStats().mode)).toEqual(managers.map(() => 'unified'));
      expect(events.filter(({ code }) => code === 'TL_DEP0015')).toHaveLength(managers.length);
    },
  );
});

describe('S1 the getters', () => {
  test('give the manager of the user of the context', async () => {
    const { contextOf } = await startLegacyService();
    const events = published();
    expect(getWebSocketManager(await contextOf('ada')).user_id).toBe('ada');
    expect(events).toMatchObject([{ code: 'TL_DEP0006', file: import.meta.filename }]);
  });

  test('give none of nobody', () => {
    expect(() => getWebSocketManager()).toThrow(expect.objectContaining({ code: 'CONTEXT_REQUIRED' }));
    expect(() => getLegacyWebSocketManager()).toThrow(expect.objectContaining({ code: 'CONTEXT_REQUIRED' }));
  });
});
