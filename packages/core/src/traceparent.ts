// The W3C trace context that travels with events, so that a page's handler can go on in the trace of the agent.

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A `traceparent` (version, trace id, parent id, flags); `undefined` for whatever is none. */
export function traceparentOf(value: unknown): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}
