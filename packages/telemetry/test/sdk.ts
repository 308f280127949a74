// The OpenTelemetry SDK with exporters in memory, for one test.
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';

export interface Sdk {
  /** What an application gives to `openTelemetry()`, or registers for the process. */
  readonly providers: { readonly meterProvider: MeterProvider; readonly tracerProvider: BasicTracerProvider };
  /** The spans that have ended. */
  spans(): readonly ReadableSpan[];
  /** All metrics as Prometheus text, by OpenTelemetry's own exporter. */
  page(): Promise<string>;
}

export function startSdk(sampler?: Sampler): Sdk {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
    ...(sampler && { sampler }),
  });
  onTestFinished(async () => {
    await meterProvider.shutdown();
    await tracerProvider.shutdown();
  });
  return {
    providers: { meterProvider, tracerProvider },
    spans: () => spans.getFinishedSpans(),
    async page() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors);
      return new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
    },
  };
}

/** Makes the SDK the one of the process, as an application does, for one test. */
export function registerSdk({ providers }: Sdk): void {
  trace.setGlobalTracerProvider(providers.tracerProvider);
  metrics.setGlobalMeterProvider(providers.meterProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => {
    trace.disable();
    metrics.disable();
    context.disable();
    propagation.disable();
  });
}
