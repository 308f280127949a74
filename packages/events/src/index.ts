export type { AgentEvent, BuiltInEvent, CustomEvent, Envelope, RunEnvelope } from './event.js';
export type {
  AgentCompletedData,
  AgentStartedData,
  AgentThinkingData,
  EventDataByType,
  EventError,
  PartialResultData,
  ToolCompletedData,
  ToolExecutingData,
} from './generated/types.js';
export {
  type BuiltInEventType,
  type CustomEventType,
  findDataFault,
  isBuiltInEventType,
  isCustomEventType,
} from './schema.js';
