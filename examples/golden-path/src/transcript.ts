import type { Run } from '@throughline/core';
import { isToolError } from './agent/tool-error.js';
import type { Voice } from './agent/voice.js';
import type { Thought, ToolUse } from './history.js';

/** What was said in a run so far, for the record. */
export interface Transcript {
  readonly voice: Voice;
  readonly text: string;
  readonly thoughts: readonly Thought[];
  readonly tools: readonly ToolUse[];
}

type Attempt<Results> =
  | { readonly results: Results }
  | { readonly error: unknown; readonly failure: { readonly code: string; readonly message: string } };

/** What to tell a person: a tool's own words, or no more than that it failed: an unexpected error may speak of our insides. */
function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  if (isToolError(error)) return { code: error.code, message: error.message };
  return { code: 'TOOL_FAILED', message: 'The tool failed.' };
}

function attempt<Results>(work: () => Results): Attempt<Results> {
  try {
    return { results: work() };
  } catch (error) {
    return { error, failure: failureOf(error) };
  }
}

/** Gives an agent its voice in a run, and writes down what it says. */
export function createTranscript(run: Run): Transcript {
  const thoughts: Thought[] = [];
  const tools: ToolUse[] = [];
  let text = '';

  const voice: Voice = {
    signal: run.signal,
    async think(reasoning, step_number, progress) {
      const last = thoughts.at(-1);
      // As every screen folds them: pieces of one step are one thought.
      if (last?.step_number === step_number)
        thoughts[thoughts.length - 1] = { reasoning: last.reasoning + reasoning, step_number, progress };
      else thoughts.push({ reasoning, step_number, progress });
      await run.thinking({ reasoning, step_number, progress });
    },
    async useTool(tool_name, parameters, work) {
      run.signal.throwIfAborted();
      const call = await run.toolExecuting({ tool_name, parameters });
      const use = { tool_call_id: call.tool_call_id, tool_name, parameters };
      const began = performance.now();
      const outcome = attempt(work);
      const duration_ms = Math.round(performance.now() - began);
      if ('failure' in outcome) {
        tools.push({ ...use, status: 'failed', error: outcome.failure, duration_ms });
        await call.failed(outcome.failure);
        throw outcome.error;
      }
      tools.push({ ...use, status: 'succeeded', results: outcome.results, duration_ms });
      await call.completed({ results: outcome.results });
      return outcome.results;
    },
    say(piece) {
      text += piece;
      run.text(piece);
    },
  };

  return {
    voice,
    thoughts,
    tools,
    get text() {
      return text;
    },
  };
}
