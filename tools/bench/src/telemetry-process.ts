// A process of the telemetry measurement: a service that is watched in one way, and measures itself when it is asked to.
import { channel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { getWebSocketManager, startWebSocketService, type TelemetryMessage, telemetryChannel } from '@throughline/core';
import { activeTraceparent, openTelemetry, prometheus } from '@throughline/telemetry';
import type { Cost, Way } from './telemetry.js';

const runs = 1_000;
const events = 100_000;

/** Takes spans and forgets them: what an exporter does with them is its own cost. */
const nowhere: SpanExporter = { export: (_, done) => done({ code: 0 }), shutdown: () => Promise.resolve() };

function startSdk() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  return {
    meterProvider: new MeterProvider({ readers: [reader] }),
    tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(nowhere)] }),
  };
}

const ways: Readonly<Record<Way, () => unknown>> = {
  'nobody listens': () => undefined,
  'OpenTelemetry, no SDK': () => openTelemetry(),
  Prometheus: () => prometheus(),
  'OpenTelemetry, with its SDK': () => openTelemetry(startSdk()),
};

ways[process.argv[2] as Way]();
const service = await startWebSocketService({
  server: createServer(),
  authenticate: ({ token }) => ({ user_id: token }),
  traceparent: activeTraceparent,
  undeliveredAfterMs: 1,
});
const manager = getWebSocketManager(await service.authenticate({ token: 'ada' }));

/** The least that a run can be, with nobody connected: what telemetry takes of it is the most that it can take. */
async function manyRuns(): Promise<void> {
  for (let count = 0; count < runs; count++) {
    await manager.run({ agent_name: 'clock', thread_id: 't-1' }, async (run) => {
      await run.thinking({ reasoning: 'What is the time?' });
      return { final_response: 'Five.' };
    });
  }
  // The last ones become undelivered, which is an event too.
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The most expensive kind: a histogram and a counter. */
const message: TelemetryMessage = {
  service: 'throughline',
  event: {
    kind: 'run_ended',
    run_id: 'r-1',
    user_id: 'ada',
    agent_name: 'clock',
    outcome: 'succeeded',
    duration_ms: 1,
    events: 3,
  },
};

/** As core does it: nothing is made for nobody. */
async function manyEvents(): Promise<void> {
  const listeners = channel(telemetryChannel);
  for (let count = 0; count < events; count++) if (listeners.hasSubscribers) listeners.publish(message);
}

/** CPU time of this process, in µs per item. */
async function cpuOf(work: () => Promise<void>, items: number): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / items;
}

process.on('message', () => {
  void (async () => {
    const cost: Cost = { run: await cpuOf(manyRuns, runs), event: await cpuOf(manyEvents, events) };
    process.send?.(cost);
  })();
});
process.on('disconnect', () => void service.close().then(() => process.exit()));
process.send?.('ready');
