// Publishes what a service would, for what no service does often enough, or at all.
import { channel } from 'node:diagnostics_channel';
import { type TelemetryEvent, telemetryChannel } from '@throughline/core';

export function publish(event: TelemetryEvent, service = 'throughline'): void {
  channel(telemetryChannel).publish({ service, event });
}

/** Publishes what is no message at all. */
export function publishNonsense(message: unknown): void {
  channel(telemetryChannel).publish(message);
}

/** Whether anybody listens. */
export function isHeard(): boolean {
  return channel(telemetryChannel).hasSubscribers;
}

/** An event that breaks every rule its type has not: what a bug, or somebody outside, could make of it. */
export function hostile(event: object): TelemetryEvent {
  return event as TelemetryEvent;
}
