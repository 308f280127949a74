// Answers about connections: from receipts, about the bound user alone.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type TelemetryMessage, telemetryChannel, type WebSocketManager } from '@throughline/core';
import { compatError } from './errors.js';

/** One open session, as legacy code looks at it. */
export interface LegacyConnection {
  readonly connection_id: string;
  readonly user_id: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly connected_at: string;
  /** How many entries of the log it was offered and has not acknowledged; `null` when it promised no acknowledgements. */
  readonly unacknowledged: number | null;
}

/** How the connections of the bound user fare. */
export interface LegacyConnectionHealth {
  readonly user_id: string;
  readonly total_connections: number;
  readonly active_connections: number;
  readonly has_active_connections: boolean;
  readonly connections: readonly LegacyConnection[];
}

/** What a legacy manager says of itself. */
export interface LegacyStats {
  readonly user_id: string;
  readonly total_connections: number;
  readonly active_connections: number;
  readonly unique_users: 1;
  readonly mode: 'unified';
}

export function connectionIdsOf(manager: WebSocketManager): string[] {
  return manager.receipts().map(({ session_id }) => session_id);
}

export function healthOf(manager: WebSocketManager): LegacyConnectionHealth {
  const { user_id } = manager;
  const connections = manager.receipts().map(({ session_id, opened_at, offered, acked }) => ({
    connection_id: session_id,
    user_id,
    connected_at: opened_at,
    unacknowledged: acked === null ? null : offered - acked,
  }));
  const { length } = connections;
  return {
    user_id,
    total_connections: length,
    active_connections: length,
    has_active_connections: length > 0,
    connections,
  };
}

/** Timers beyond it fire at once. */
const longestTimerMs = 2_147_483_647;

/** Resolves with whether the user has a session, at the latest after `timeoutMs`. */
export function connected(manager: WebSocketManager, timeoutMs: number): Promise<boolean> {
  if (!Number.isFinite(timeoutMs) || timeoutMs < 0 || timeoutMs > longestTimerMs) {
    throw compatError('OPTION_INVALID', `The timeout must be a number of milliseconds from 0 to ${longestTimerMs}.`);
  }
  const isThere = (): boolean => manager.receipts().length > 0;
  if (isThere()) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      unsubscribe(telemetryChannel, listen);
      settle();
    };
    const listen = (message: unknown): void => {
      const { event } = message as TelemetryMessage;
      if (event.kind !== 'session_caught_up' || event.user_id !== manager.user_id) return;
      try {
        // The same id in another tenant is somebody else.
        if (isThere()) end(() => resolve(true));
      } catch (error) {
        // The sign-in was revoked meanwhile. Who listens must not throw.
        end(() => reject(error as Error));
      }
    };
    const timer = setTimeout(() => end(() => resolve(false)), timeoutMs);
    subscribe(telemetryChannel, listen);
  });
}
