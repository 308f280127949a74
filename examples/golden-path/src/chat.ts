import {
  getWebSocketManager,
  type IncomingMessage,
  isThroughlineError,
  type Run,
  type UserContext,
} from '@throughline/core';
import { type GenericSchema, maxLength, minLength, object, pipe, string, trim } from 'valibot';
import type { Researcher } from './agent/researcher.js';
import { isToolError } from './agent/tool-error.js';
import type { FinishedRun, Question } from './history.js';
import type { Records } from './records.js';
import { createTranscript, type Transcript } from './transcript.js';

const agentName = 'researcher';

/** What a page may send: one question. */
export const questionSchema: GenericSchema<Question> = object({
  text: pipe(string(), trim(), minLength(1), maxLength(2000)),
});

/** How a run ended that its agent did not finish. */
function endingOf(signal: AbortSignal): FinishedRun['status'] {
  if (!signal.aborted || isThroughlineError(signal.reason, 'RUN_TIMED_OUT')) return 'failed';
  return isThroughlineError(signal.reason, 'RUN_INTERRUPTED') ? 'interrupted' : 'cancelled';
}

/** What the person sees of a failure: the tool's own words, or no more than that something failed. */
function reasonOf(error: unknown): { readonly code: string; readonly message: string } {
  if (isToolError(error) || isThroughlineError(error)) return { code: error.code, message: error.message };
  return { code: 'AGENT_FAILED', message: 'Something went wrong while this was being answered.' };
}

/** Ways for a run to end that nobody needs to look into. */
function isExpected(error: unknown): boolean {
  return (
    isToolError(error) ||
    isThroughlineError(error, 'RUN_CANCELLED') ||
    isThroughlineError(error, 'RUN_INTERRUPTED') ||
    isThroughlineError(error, 'RUN_TIMED_OUT')
  );
}

export interface ChatParts {
  readonly researcher: Researcher;
  readonly records: Records;
}

/** Answers each message with a run, and keeps the record of it: the record is complete before the run has ended. */
export function createChat({
  researcher,
  records,
}: ChatParts): (message: IncomingMessage<Question>, userContext: UserContext) => Promise<void> {
  const now = (): string => new Date().toISOString();

  function record(user_id: string, run: Run, transcript: Transcript, error?: unknown): void {
    const { text, thoughts, tools } = transcript;
    const status = error === undefined ? 'succeeded' : endingOf(run.signal);
    // A stop needs no reason: the person who reads it gave it.
    const failure = error === undefined || status === 'cancelled' ? {} : { error: reasonOf(error) };
    records.end(user_id, run.run_id, { status, text, thoughts, tools, ...failure, ended_at: now() });
  }

  async function answer(
    user_id: string,
    run: Run,
    message: IncomingMessage<Question>,
  ): Promise<{ final_response: string }> {
    const question = message.data.text;
    const { run_id, thread_id, signal } = run;
    const begun = { run_id, thread_id, message_id: message.id, agent_name: agentName, question, started_at: now() };
    records.begin(user_id, begun);
    const transcript = createTranscript(run);
    // The service ends these two by itself, at once: the record has to be as quick. After the user's cancel it waits for the agent.
    signal.addEventListener('abort', () => {
      if (endingOf(signal) !== 'cancelled') record(user_id, run, transcript, signal.reason);
    });
    try {
      const final_response = await researcher.answer(question, transcript.voice);
      signal.throwIfAborted();
      record(user_id, run, transcript);
      return { final_response };
    } catch (failure) {
      const error = signal.aborted ? signal.reason : failure;
      record(user_id, run, transcript, error);
      throw isExpected(error)
        ? error
        : Object.assign(new Error(reasonOf(error).message, { cause: error }), reasonOf(error));
    }
  }

  return async (message, userContext) => {
    const manager = getWebSocketManager(userContext);
    const { user_id } = manager;
    // A page sends until it hears "accepted". The service knows the ids of this process; the database knows those of the ones before it.
    if (records.hasMessage(user_id, message.id)) return;
    const options = {
      agent_name: agentName,
      thread_id: message.thread_id,
      message_id: message.id,
      task_description: message.data.text,
    };
    try {
      await manager.run(options, (run) => answer(user_id, run, message));
    } catch (error) {
      // A tool's refusal and a stop are ways for a run to end, and the page shows them. Anything else is for whoever runs this service, whole.
      if (!isExpected(error)) throw error instanceof Error && error.cause !== undefined ? error.cause : error;
    }
  };
}
