export type { TelemetryError, TelemetryErrorCode } from './errors.js';
export type { ObservedService } from './metric.js';
export type { Observer } from './observed-services.js';
export { type OpenTelemetry, type OpenTelemetryOptions, openTelemetry } from './opentelemetry.js';
export { type Prometheus, type PrometheusOptions, prometheus } from './prometheus.js';
export { activeTraceparent } from './traceparent.js';
