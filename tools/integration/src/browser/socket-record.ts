// Every frame that one WebSocket of a real page received and sent.
import type { AgentEvent } from '@throughline/events/protocol';
import type { Page } from 'playwright-core';

export interface SocketRecord {
  readonly url: string;
  /** The text of each frame, in order. */
  readonly received: readonly string[];
  readonly sent: readonly string[];
  readonly isOpen: boolean;
}

/** Records the sockets that a page opens from now on, over all its reloads. */
export function recordSockets(page: Page): readonly SocketRecord[] {
  const records: SocketRecord[] = [];
  page.on('websocket', (socket) => {
    const received: string[] = [];
    const sent: string[] = [];
    records.push({
      url: socket.url(),
      received,
      sent,
      get isOpen() {
        return !socket.isClosed();
      },
    });
    socket.on('framereceived', ({ payload }) => void received.push(payload.toString()));
    socket.on('framesent', ({ payload }) => void sent.push(payload.toString()));
  });
  return records;
}

/** Whether the service has welcomed it. */
export const wasWelcomed = ({ received }: SocketRecord): boolean => received[0]?.includes('"type":"welcome"') ?? false;

/** The events among its frames. */
export function eventsOf({ received }: SocketRecord): AgentEvent[] {
  const frames = received.map((text) => JSON.parse(text) as { offset?: unknown });
  return frames.filter(({ offset }) => typeof offset === 'number') as unknown as AgentEvent[];
}
