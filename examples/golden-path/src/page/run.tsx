import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { Answer } from './answer.js';
import type { RunView } from './runs.js';
import { Thinking } from './thinking.js';
import { ToolCard } from './tool-card.js';

const outcomes: Readonly<Record<RunView['status'], string>> = {
  running: 'Answering',
  succeeded: 'Answered',
  failed: 'Failed',
  cancelled: 'Stopped',
  interrupted: 'Interrupted',
};

/** A stop needs no reason; a failure and an interruption do. */
function reasonFor({ status, error }: RunView): string | undefined {
  return status === 'failed' || status === 'interrupted' ? (error?.message ?? 'No reason was given.') : undefined;
}

export interface RunProps {
  readonly run: RunView;
  readonly stopping: boolean;
}

/** One question and everything that was said to it, on one line that runs through. */
export const Run = memo(function Run({ run, stopping }: RunProps): JSX.Element {
  const { run_id, status, question, thoughts, tools, text, started_at, source } = run;
  const running = status === 'running';
  const reason = reasonFor(run);
  const time =
    started_at === '' ? undefined : new Date(started_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return (
    <article
      class="run"
      data-testid="run"
      data-run-id={run_id}
      data-status={status}
      data-source={source}
      aria-label={question}
    >
      <div class="question" data-testid="question">
        {question}
      </div>
      <div class="line-through">
        <Thinking thoughts={thoughts} running={running} thinking={running && text === ''} />
        {tools.map((tool) => (
          <ToolCard key={tool.tool_call_id} tool={tool} />
        ))}
        {text === '' ? null : <Answer text={text} growing={running} />}
        {reason === undefined ? null : (
          <p class="problem" data-testid="run-error">
            {reason}
          </p>
        )}
        <p class="outcome" data-testid="outcome" data-status={status}>
          <span class="outcome-chip">{running && stopping ? 'Stopping' : outcomes[status]}</span>
          {time === undefined ? null : (
            <time class="soft" dateTime={started_at}>
              {time}
            </time>
          )}
        </p>
      </div>
    </article>
  );
});
