// Events without a meaning, to be counted.
import type { Position } from '../src/log.js';
import type { WebSocketManager } from '../src/manager.js';
import type { RawClient } from './raw-client.js';

export function note(manager: WebSocketManager, data: unknown = 'x'): Promise<Position> {
  return manager.send('acme.note', data, { thread_id: 't' });
}

export async function notes(manager: WebSocketManager, count: number, data: unknown = 'x'): Promise<void> {
  for (let sent = 0; sent < count; sent++) await note(manager, data);
}

/** The offsets from the first to the last. */
export function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Waits until so many events have come; all offsets so far. */
export async function received(client: RawClient, count: number): Promise<readonly number[]> {
  while (client.offsets.length < count) await client.next();
  return client.offsets;
}
