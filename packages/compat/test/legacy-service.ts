// A real service, and a look at what it is about to store.
import { createServer } from 'node:http';
import {
  type EventDraft,
  type ServiceOptions,
  startWebSocketService,
  type UserContext,
  type WebSocketService,
} from '@throughline/core';
import { onTestFinished } from 'vitest';
import { createWebSocketManager, type LegacyManager } from '../src/index.js';

export interface LegacyService {
  readonly service: WebSocketService;
  /** Every event that was stored, whoever's, oldest first. */
  readonly stored: readonly EventDraft[];
  contextOf(user: string): Promise<UserContext>;
  managerOf(user: string): Promise<LegacyManager>;
}

/** Starts a service whose tokens are the names of users. */
export async function startLegacyService(changes: Partial<ServiceOptions> = {}): Promise<LegacyService> {
  // What is warned of has tests of its own, in processes of their own.
  process.noDeprecation = true;
  const stored: EventDraft[] = [];
  const service = await startWebSocketService({
    server: createServer(),
    authenticate: ({ token }) => ({ user_id: token }),
    telemetry: () => {},
    redact: (draft) => {
      stored.push(draft);
      return draft.data;
    },
    ...changes,
  });
  onTestFinished(() => service.close());
  const contextOf = (token: string) => service.authenticate({ token });
  return { service, stored, contextOf, managerOf: async (user) => createWebSocketManager(await contextOf(user)) };
}

/** What was stored, shortly: type and data. */
export function told(stored: readonly EventDraft[]): [string, unknown][] {
  return stored.map(({ type, data }) => [type, data]);
}

/** What a promise is rejected with; `undefined` when it is not. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
