export { type Baseline, type KnownViolation, readBaseline } from './baseline.js';
export {
  type BurnDown,
  type BurnDownOptions,
  type BurnDownRow,
  burnDown,
  type CallSite,
  type FoundBy,
} from './burn-down/burn-down.js';
export { readUsage, type UsageFile, type UsedLine } from './burn-down/usage-file.js';
export { type CheckOptions, checkBoundaries, type Verdict } from './check.js';
export type { BoundariesError, BoundariesErrorCode } from './errors.js';
export type {
  Deleted,
  Deprecated,
  Entries,
  FloorPlan,
  FloorPlanOptions,
  Layer,
  Leaf,
  Owner,
  Production,
  Reachable,
  Standalone,
} from './floor-plan.js';
export { floorPlan } from './plan.js';
export { describeRules, type RuleDescription } from './rules.js';
export type { Violation } from './violation.js';
