// The scenarios, in the order in which they run.
import { bursts } from './bursts.js';
import { catchUp, catchUpBusy } from './catch-up.js';
import { connect } from './connect.js';
import { headroom } from './headroom.js';
import { hotUser } from './hot-user.js';
import { idle } from './idle.js';
import { inbound } from './inbound.js';
import { latency } from './latency.js';
import type { Scenario } from './scenario.js';
import { sessions } from './sessions.js';
import { slowReaders } from './slow-readers.js';
import { steady } from './steady.js';

export const scenarios: readonly Scenario[] = [
  headroom,
  steady,
  bursts,
  sessions,
  latency,
  hotUser,
  idle,
  slowReaders,
  connect,
  inbound,
  catchUp,
  catchUpBusy,
];
