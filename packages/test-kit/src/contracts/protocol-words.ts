// What cases of the protocol contract ask again and again.
import assert from 'node:assert/strict';
import type { AgentEvent } from '@throughline/events/protocol';
import { type Frame, isEvent } from '../frame.js';
import type { RawClient } from '../raw-client.js';
import type { WaitOptions } from '../waits.js';
import type { ProtocolSeat } from './protocol-seat.js';

export const positionShape: RegExp = /^[\w-]{1,32}\.(0|[1-9]\d*)\.[0-9a-f]{8}$/;

/** The events that have come. */
export function eventsOf(client: RawClient): AgentEvent[] {
  return client.frames.filter(isEvent);
}

/** Everything up to here has come: what a service sends before it answers a ping it has sent before the answer. */
export async function settled(client: RawClient, id: string): Promise<void> {
  client.send({ type: 'ping', id });
  await client.find((frame) => frame.type === 'pong' && frame.id === id);
}

/** Waits for the event that says this, outside of runs. */
export async function hears(client: RawClient, data: unknown): Promise<AgentEvent> {
  const isIt = (frame: Frame) => isEvent(frame) && (frame.type as string) === 'contract.note' && frame.data === data;
  return (await client.find(isIt)) as AgentEvent;
}

/** Says something outside of runs, several times, in order. */
export async function notes({ agent, user }: ProtocolSeat, data: readonly unknown[], thread_id = 't-1'): Promise<void> {
  for (const one of data) await agent.note(user, thread_id, one);
}

/** What was said outside of runs, as it came. */
export function noted(client: RawClient): unknown[] {
  return eventsOf(client).flatMap(({ type, data }) => ((type as string) === 'contract.note' ? [data] : []));
}

/** The connection ends with this code, and without repeating what it must not. */
export async function expectClose(client: RawClient, code: number, secret?: string, wait?: WaitOptions): Promise<void> {
  const ending = await client.closed(wait);
  assert.equal(ending.code, code, `the close code should be ${code} (reason: ${ending.reason})`);
  if (secret !== undefined) assert.ok(!client.transcript().includes(secret), 'what came repeats a credential');
}

/** An answer to a frame. */
export async function answer(client: RawClient, id: string): Promise<Readonly<Record<string, unknown>>> {
  const isAnswer = (frame: { readonly type: string }) => 'id' in frame && frame.id === id && frame.type !== 'pong';
  return (await client.find(isAnswer)) as unknown as Readonly<Record<string, unknown>>;
}

/** The epoch of a position. */
export function epochOf(position: string): string {
  return position.split('.')[0] as string;
}

/** The position after an event. */
export function positionAfter(client: RawClient, event: AgentEvent): string {
  const welcome = client.frames.find(({ type }) => type === 'welcome') as { readonly position: string } | undefined;
  return `${epochOf(welcome?.position ?? '')}.${event.offset}.${event.mark}`;
}
