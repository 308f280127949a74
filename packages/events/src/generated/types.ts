// Generated from schema/events.schema.json by `npm run generate`. Do not edit.


/**
 * The `data` of each event an agent can send, by event type.
 */
export interface EventDataByType {
agent_started: AgentStartedData
agent_thinking: AgentThinkingData
tool_executing: ToolExecutingData
tool_completed: ToolCompletedData
agent_completed: AgentCompletedData
partial_result: PartialResultData
}
/**
 * A run begins. Always the first event of its run.
 */
export interface AgentStartedData {
/**
 * What the agent set out to do, in words for a person.
 */
task_description?: string
/**
 * The message this run answers.
 */
message_id?: string
/**
 * The run that started this one.
 */
parent_run_id?: string
/**
 * Anything else the application wants its page to know.
 */
metadata?: {
[k: string]: unknown
}
}
/**
 * What the agent is thinking. Several of one `step_number` are pieces of one thought.
 */
export interface AgentThinkingData {
/**
 * The thought, or a piece of it.
 */
reasoning: string
/**
 * Which step of the agent's plan this is.
 */
step_number?: number
/**
 * How far the run is, 0 to 1.
 */
progress?: number
}
/**
 * A tool begins. A `tool_completed` with the same `tool_call_id` always follows.
 */
export interface ToolExecutingData {
/**
 * Pairs this event with its `tool_completed`. Unique within the run.
 */
tool_call_id: string
/**
 * The tool's name.
 */
tool_name: string
/**
 * What the tool was called with.
 */
parameters: {
[k: string]: unknown
}
}
/**
 * A tool ended: with `results` when it succeeded, with `error` when it did not.
 */
export interface ToolCompletedData {
/**
 * The `tool_call_id` of the `tool_executing` it ends.
 */
tool_call_id: string
/**
 * The tool's name.
 */
tool_name: string
/**
 * Whether the tool did what it was asked to.
 */
success: boolean
/**
 * What the tool returned: any JSON value. Present only on success.
 */
results?: unknown
error?: EventError
/**
 * How long the tool took, in milliseconds.
 */
duration_ms: number
}
/**
 * Why it failed. Present only on failure.
 */
export interface EventError {
/**
 * For programs: a stable code.
 */
code: string
/**
 * For people: what went wrong.
 */
message: string
}
/**
 * A run ended. Always the last event of its run, and there is exactly one.
 */
export interface AgentCompletedData {
/**
 * `succeeded`; `failed`: the agent threw or ran too long; `cancelled`: the user stopped it; `interrupted`: the service went away.
 */
outcome: ("succeeded" | "failed" | "cancelled" | "interrupted")
/**
 * The whole answer, when there is one: a string, or any JSON value the application chose.
 */
final_response?: unknown
error?: EventError1
/**
 * How long the run took, in milliseconds.
 */
duration_ms: number
/**
 * What the run used, such as tokens by kind.
 */
usage?: {
[k: string]: number
}
}
/**
 * Why the run did not succeed.
 */
export interface EventError1 {
/**
 * For programs: a stable code.
 */
code: string
/**
 * For people: what went wrong.
 */
message: string
}
/**
 * A piece of the answer. The pieces of a run, joined in order without a separator, are its text.
 */
export interface PartialResultData {
/**
 * The piece.
 */
text: string
}
