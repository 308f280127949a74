// What causes telemetry of each kind: every kind is of one of two lists, and the compiler sees to it that none is left out.
import { describe, expect, test } from 'vitest';
import type { TelemetryEvent } from '../src/telemetry.js';
import type { RawClient } from './raw-client.js';

type Kind = TelemetryEvent['kind'];

export type SessionKind = Extract<
  Kind,
  | 'refused'
  | 'session_opened'
  | 'session_caught_up'
  | 'slow_reader'
  | 'client_observed'
  | 'frame_ignored'
  | 'session_closed'
  | 'reset'
  | 'draining'
  | 'leak'
>;
export type WorkKind = Exclude<Kind, SessionKind>;

/** What causes events of a kind, and what is then told: everything of that kind, and nothing else. */
export interface Cause {
  readonly when: string;
  readonly happens: () => Promise<{ readonly telemetry: readonly TelemetryEvent[]; readonly told: readonly object[] }>;
}

/** Lets each cause happen, and looks at what is told of it. */
export function expectTold(causes: Readonly<Partial<Record<Kind, readonly Cause[]>>>): void {
  describe.each(Object.keys(causes) as Kind[])('S7 %s is told of', (kind) => {
    const cases = (causes[kind] as readonly Cause[]).map(({ when, happens }) => [when, happens] as const);
    test.each(cases)('%s', async (_, happens) => {
      const { telemetry, told } = await happens();
      expect(telemetry.filter((event) => event.kind === kind)).toEqual(told);
    });
  });
}

export function sessionIdOf(client: RawClient): string {
  return client.frames.find(({ type }) => type === 'welcome')?.session_id as string;
}

/** Waits until the service has read everything that the client has sent. */
export async function pong(client: RawClient): Promise<void> {
  client.send({ type: 'ping', id: 'p' });
  await client.until('pong');
}
