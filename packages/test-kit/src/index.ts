// The real service in milliseconds, faults on demand, assertions on histories.
export {
  type DeprecatedUse,
  type DeprecationBudget,
  type DeprecationBudgetOptions,
  type DeprecationError,
  failOnDeprecation,
} from './deprecation-budget.js';
export { isTestKitError, type TestKitError, type TestKitErrorCode } from './errors.js';
export type { Direction, Fault, FaultPoint, Script } from './faults.js';
export { type FlakyProxy, type FlakyProxyOptions, flakyProxy } from './flaky-proxy.js';
export type { Frame } from './frame.js';
export { encodeFrame, type FrameShape } from './frame-bytes.js';
export type { WireFrame } from './frame-splitter.js';
export type { GoldenPathOptions } from './golden-path.js';
export { type History, type HistoryOptions, history } from './history.js';
export { type HistoryError, isHistoryError, type Wrong } from './history-error.js';
export type { Connection, HistorySource, Owner, PageRecord } from './history-source.js';
export type { Match, Matched } from './inbox.js';
export type { Stranger } from './isolation.js';
export type { Link } from './proxy-link.js';
export { type RandomFaults, randomScript } from './random-script.js';
export { type Ending, type RawClient, type RawClientOptions, rawClient } from './raw-client.js';
export type { FoldedRun, FoldedThought } from './run-fold.js';
export type { Given, TestClient, TestClientOptions } from './test-client.js';
export type { TestUserOptions } from './test-identities.js';
export { startTestService, type TestService, type TestServiceOptions, type TestUser } from './test-service.js';
export type { UpgradeResponse } from './upgrade.js';
export type { WaitOptions } from './waits.js';
