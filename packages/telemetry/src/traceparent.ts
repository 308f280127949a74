// W3C trace context (https://www.w3.org/TR/trace-context/), version 00, to and from the OpenTelemetry API.
import { type Context, context, isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';

/**
 * The span that is active where this is called, as a `traceparent`: for the option `traceparent` of a service.
 * Undefined without one, and without an OpenTelemetry SDK.
 */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** The context that a `traceparent` stands for: the root when it is none, the active one when there is no `traceparent`. */
export function contextOf(traceparent: string | undefined): Context {
  if (traceparent === undefined) return context.active();
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}
