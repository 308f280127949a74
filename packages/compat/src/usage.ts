export { type UsageEvent, usageChannel } from './deprecate.js';
export {
  type BurnDown,
  type BurnDownLine,
  reportUsage,
  type UsageReport,
  type UsageReportOptions,
} from './usage-report.js';
