// The W3C trace context that travels with events, so that a page's handler can go on in the trace of the agent.
import type { Runtime } from './runtime.js';
import { reportFault } from './telemetry.js';

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A `traceparent` (version, trace id, parent id, flags); `undefined` for whatever is none. */
export function traceparentOf(value: unknown): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

/** The trace context that the option `traceparent` says it is now. A tracer that fails stops no work. */
export function currentTraceparent({ options, report }: Runtime): string | undefined {
  try {
    const value: unknown = options.traceparent?.();
    // An async function may stand where a text is returned; what it rejects with must not end the process.
    if (value instanceof Promise) value.catch((error: unknown) => reportFault(report, 'traceparent', error));
    return traceparentOf(value);
  } catch (error) {
    reportFault(report, 'traceparent', error);
    return undefined;
  }
}
