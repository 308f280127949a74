// Listening to what services publish, without ever getting in their way.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type TelemetryMessage, telemetryChannel } from '@throughline/core';

/**
 * Hands on what every service of this process publishes, until it is disposed of.
 *
 * What `take` throws would end the process: Node throws what a subscriber throws once more, where nobody can catch it.
 * Here it becomes one warning of the process, for the first time alone: a fault that comes with each event would drown the rest.
 */
export function subscription(take: (message: TelemetryMessage) => void): Disposable {
  let warned = false;
  const listener = (message: unknown): void => {
    try {
      take(message as TelemetryMessage);
    } catch (error) {
      if (warned) return;
      warned = true;
      process.emitWarning(`An event could not be counted: ${error instanceof Error ? error.message : 'unknown'}`, {
        type: 'ThroughlineTelemetryWarning',
      });
    }
  };
  subscribe(telemetryChannel, listener);
  return { [Symbol.dispose]: () => void unsubscribe(telemetryChannel, listener) };
}
