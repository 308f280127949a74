// All metrics there are. Both outputs, and the tables in the documentation, come from here and cannot disagree.
import {
  closeCode,
  faultPlace,
  handlerOutcome,
  healthLevel,
  leakPlace,
  messageOutcome,
  openedFrom,
  refusalCode,
  resetCause,
  runOutcome,
  slowReaderPolicy,
} from './labels.js';
import { counter, type EventMetric, histogram, type ServiceMetric } from './metric.js';

/** From a round trip to a long train tunnel. */
const recoveryBuckets = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900];
/** From an answer out of a cache to the default of `maxRunMs`. */
const workBuckets = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900];
/** From loopback to a user who was away; what takes longer is undelivered. */
const deliveryBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10, 60, 300];
/** Idle timeouts of common proxies stand out: 30 s, 60 s, 100 s, 350 s. */
const sessionBuckets = [1, 10, 30, 35, 60, 65, 100, 105, 300, 350, 900, 3_600, 14_400];

/** A client may claim anything; what it claims at once must not bury what all others say. */
const mostClaimed = 1_000;

/** What events feed. */
export const eventMetrics: readonly EventMetric[] = [
  counter('refused', {
    name: 'throughline_refusals_total',
    unit: '{refusal}',
    help: 'Newcomers that were not let in, by the code of the refusal',
    label: refusalCode,
    labelValue: ({ code }) => code,
  }),
  counter('session_opened', {
    name: 'throughline_sessions_opened_total',
    unit: '{session}',
    help: 'Sessions opened, by where they began to read: a position is a resume',
    label: openedFrom,
    labelValue: ({ from }) => from,
  }),
  counter('session_closed', {
    name: 'throughline_session_closed_total',
    unit: '{session}',
    help: 'Sessions closed, by close code; 1006 is a socket that broke',
    label: closeCode,
    labelValue: ({ code }) => code,
  }),
  histogram('session_closed', {
    name: 'throughline_session_seconds',
    unit: 's',
    help: 'How long sessions were open',
    milliseconds: ({ duration_ms }) => duration_ms,
    buckets: sessionBuckets,
  }),
  histogram('session_caught_up', {
    name: 'throughline_recovery_seconds',
    unit: 's',
    help: 'From the moment a user had no session left until the next one had been sent everything',
    milliseconds: ({ away_ms, duration_ms }) => (away_ms === undefined ? undefined : away_ms + duration_ms),
    buckets: recoveryBuckets,
  }),
  counter('reset', {
    name: 'throughline_resets_total',
    unit: '{reset}',
    help: 'Positions that could not be honoured, by cause: a page began anew',
    label: resetCause,
    labelValue: ({ cause }) => cause,
  }),
  counter('client_observed', {
    name: 'throughline_client_gaps_total',
    unit: '{gap}',
    help: 'Holes in the sequence of a run that clients say they met',
    value: ({ gaps }) => Math.min(gaps, mostClaimed),
  }),
  counter('client_observed', {
    name: 'throughline_client_duplicates_total',
    unit: '{event}',
    help: 'Events that came again and that clients say they dropped',
    value: ({ duplicates }) => Math.min(duplicates, mostClaimed),
  }),
  counter('frame_ignored', {
    name: 'throughline_frames_ignored_total',
    unit: '{frame}',
    help: 'What pages of a dialect said that means nothing here',
  }),
  counter('slow_reader', {
    name: 'throughline_slow_readers_total',
    unit: '{reader}',
    help: 'Readers that stayed behind, by what was done about it',
    label: slowReaderPolicy,
    labelValue: ({ policy }) => policy,
  }),
  counter('message', {
    name: 'throughline_messages_total',
    unit: '{message}',
    help: 'Messages of clients, by outcome: accepted, known (accepted earlier), or the code of the refusal',
    label: messageOutcome,
    labelValue: ({ outcome }) => outcome,
  }),
  histogram('message_handled', {
    name: 'throughline_message_seconds',
    unit: 's',
    help: 'From the acceptance of a message until its handler, or the run it was for, was done with it',
    label: handlerOutcome,
    labelValue: ({ ok }) => (ok ? 'succeeded' : 'failed'),
    milliseconds: ({ duration_ms }) => duration_ms,
    buckets: workBuckets,
  }),
  counter('run_started', {
    name: 'throughline_runs_started_total',
    unit: '{run}',
    help: 'Runs that began',
  }),
  histogram('run_ended', {
    name: 'throughline_run_seconds',
    unit: 's',
    help: 'How long runs took, by outcome',
    label: runOutcome,
    labelValue: ({ outcome }) => outcome,
    milliseconds: ({ duration_ms }) => duration_ms,
    buckets: workBuckets,
  }),
  counter('run_ended', {
    name: 'throughline_run_events_total',
    unit: '{event}',
    help: 'Events that runs sent, counted when they ended',
    value: ({ events }) => events,
  }),
  histogram('run_delivered', {
    name: 'throughline_terminal_delivery_seconds',
    unit: 's',
    help: 'From the moment the end of a run was stored until a client had processed it',
    milliseconds: ({ duration_ms }) => duration_ms,
    buckets: deliveryBuckets,
  }),
  counter('run_undelivered', {
    name: 'throughline_runs_undelivered_total',
    unit: '{run}',
    help: 'Runs whose end nobody acknowledged in time',
  }),
  counter('draining', {
    name: 'throughline_drained_sessions_total',
    unit: '{session}',
    help: 'Sessions that a drain closed',
    value: ({ closed }) => closed,
  }),
  counter('health', {
    name: 'throughline_health_changes_total',
    unit: '{change}',
    help: 'Changes of the health level, by the level it changed to',
    label: healthLevel,
    labelValue: ({ level }) => level,
  }),
  counter('leak', {
    name: 'throughline_leaks_total',
    unit: '{leak}',
    help: 'What was about to cross to another user and was stopped: a bug',
    label: leakPlace,
    labelValue: ({ where }) => where,
  }),
  counter('fault', {
    name: 'throughline_faults_total',
    unit: '{fault}',
    help: 'Failures that no caller was told of in another way, by part',
    label: faultPlace,
    labelValue: ({ where }) => where,
  }),
];

/** What observed services are asked for. */
export const serviceMetrics: readonly ServiceMetric[] = [
  {
    type: 'gauge',
    name: 'throughline_sessions',
    unit: '{session}',
    help: 'Sessions that are open',
    read: (service) => service.health().sessions,
  },
  {
    type: 'gauge',
    name: 'throughline_runs',
    unit: '{run}',
    help: 'Runs that have not ended',
    read: (service) => service.health().runs,
  },
  {
    type: 'gauge',
    name: 'throughline_ready',
    unit: '1',
    help: 'Whether newcomers are let in: 1 or 0',
    read: (service) => Number(service.health().ready),
  },
  {
    type: 'gauge',
    name: 'throughline_health_level',
    unit: '1',
    help: 'How the service fares: 0 healthy, 1 degraded, 2 unhealthy',
    read: (service) => healthLevel.values.indexOf(service.health().level),
  },
  {
    type: 'gauge',
    name: 'throughline_draining',
    unit: '1',
    help: 'Whether the service drains: 1 or 0',
    read: (service) => Number(service.health().reasons.includes('draining')),
  },
  {
    type: 'gauge',
    name: 'throughline_cursor_lag_entries',
    unit: '{entry}',
    help: 'How many entries of its log the reader that is furthest behind has yet to be sent',
    read: (service) => Math.max(0, ...service.lag().map(({ entries }) => entries)),
  },
  {
    type: 'gauge',
    name: 'throughline_cursor_lag_seconds',
    unit: 's',
    help: 'Of the ten readers that are furthest behind, how long the slowest has been so',
    read: (service) => Math.max(0, ...service.lag().map(({ behind_ms }) => behind_ms)) / 1_000,
  },
];
