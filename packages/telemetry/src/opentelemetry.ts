// Metrics and spans through the OpenTelemetry API. Without an SDK in the process the API does nothing.
import {
  type Meter,
  type MeterProvider,
  metrics,
  type ObservableCallback,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { checkOptions, hasMethod } from './errors.js';
import type { EventMetric } from './metric.js';
import { serviceMetrics } from './metrics.js';
import { createObservedServices, type Observer } from './observed-services.js';
import { createRecorder, type Instrument } from './recorder.js';
import { createRunSpans } from './run-spans.js';
import { subscription } from './subscription.js';

/** Options of the OpenTelemetry output. */
export interface OpenTelemetryOptions {
  /** Default: the one that the SDK has registered. Call `openTelemetry()` after the SDK has started. */
  readonly meterProvider?: MeterProvider;
  /** Default: the one that the SDK has registered. */
  readonly tracerProvider?: TracerProvider;
  /** Whether spans carry `throughline.run_id` and `throughline.parent_run_id`. Default false. */
  readonly runIds?: boolean;
}

/** Metrics and spans. Disposing of it ends both. */
export interface OpenTelemetry extends Observer, Disposable {}

const scope = '@throughline/telemetry';

/**
 * Counts, from now on, what every service of this process does, and makes a span of each run.
 *
 * @throws OPTION_INVALID
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): OpenTelemetry {
  checkOptions(options, {
    meterProvider: [hasMethod('getMeter'), 'a MeterProvider'],
    tracerProvider: [hasMethod('getTracer'), 'a TracerProvider'],
    runIds: [(value) => typeof value === 'boolean', 'true or false'],
  });
  const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter(scope);
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(scope);
  const recorder = createRecorder((metric) => instrumentOf(metric, meter));
  const services = createObservedServices(recorder.prepare);
  const stopGauges = serviceMetrics.map((metric) => {
    const gauge = meter.createObservableGauge(nameOf(metric), { description: metric.help, unit: metric.unit });
    const callback: ObservableCallback = (result) =>
      services.read(metric, (value, labels) => result.observe(value, labels));
    gauge.addCallback(callback);
    return () => gauge.removeCallback(callback);
  });
  const spans = createRunSpans(tracer, options.runIds ?? false);
  const subscribed = subscription(({ service, event }) => {
    recorder.record(service, event);
    spans.take(service, event);
  });
  return {
    observe: services.observe,
    [Symbol.dispose]() {
      subscribed[Symbol.dispose]();
      for (const stop of stopGauges) stop();
      services.clear();
      spans.end();
    },
  };
}

/** `throughline_x_total` is `throughline.x` here; exporters to Prometheus make the former of it again. */
function nameOf({ name }: { readonly name: string }): string {
  return name.replace('throughline_', 'throughline.').replace(/_total$/, '');
}

function instrumentOf(metric: EventMetric, meter: Meter): Instrument {
  const options = { description: metric.help, unit: metric.unit };
  if (metric.type === 'histogram') {
    const advice = { explicitBucketBoundaries: [...metric.buckets] };
    const histogram = meter.createHistogram(nameOf(metric), { ...options, advice });
    return (labels) => (value) => histogram.record(value, labels);
  }
  const counter = meter.createCounter(nameOf(metric), options);
  return (labels) => (value) => counter.add(value, labels);
}
