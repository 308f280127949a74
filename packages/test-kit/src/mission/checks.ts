// The suite, as the report lists it.
import type { Check } from './check.js';
import { firstEvent, goldenPath, messageOnce } from './checks/answer.js';
import { arrival, authorizationHeader } from './checks/arrival.js';
import { foreignOrigin, missingCredential, wrongCredentials } from './checks/credentials.js';
import { cleanFrames, connectionsStay, noInternalError, tokensStaySecret } from './checks/departure.js';
import { deprecations } from './checks/deprecations.js';
import { reload, resume, slowReader } from './checks/disturbed.js';
import { foreignCancel, foreignPosition, isolation } from './checks/isolation.js';
import { heartbeat } from './checks/liveness.js';
import { foreignRefresh, refresh, wrongRefresh } from './checks/refresh.js';

export const checks: readonly Check[] = [
  arrival,
  authorizationHeader,
  missingCredential,
  wrongCredentials,
  foreignOrigin,
  goldenPath,
  firstEvent,
  resume,
  reload,
  slowReader,
  messageOnce,
  isolation,
  foreignPosition,
  foreignCancel,
  refresh,
  wrongRefresh,
  foreignRefresh,
  heartbeat,
  deprecations,
  noInternalError,
  connectionsStay,
  cleanFrames,
  tokensStaySecret,
];
