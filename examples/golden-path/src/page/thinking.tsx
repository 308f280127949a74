import type { Thought } from '@throughline/client/store';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

export interface ThinkingProps {
  readonly thoughts: readonly Thought[];
  /** Open while it goes on; closed once the answer matters more. A person's own choice stays. */
  readonly thinking: boolean;
  readonly running: boolean;
}

export function Thinking({ thoughts, thinking, running }: ThinkingProps): JSX.Element | null {
  const [choice, setChoice] = useState<boolean>();
  if (thoughts.length === 0) return null;
  const open = choice ?? thinking;
  const progress = thoughts.at(-1)?.progress;
  const steps = thoughts.length === 1 ? '1 step' : `${thoughts.length} steps`;
  return (
    <details
      class="thinking"
      data-testid="thinking"
      open={open}
      onToggle={({ currentTarget }) => {
        // Also told when the page itself opens or closes it: that is no choice.
        if (currentTarget.open !== open) setChoice(currentTarget.open);
      }}
    >
      <summary>
        <span>{thinking ? 'Thinking' : `Thought in ${steps}`}</span>
        {running && progress !== undefined ? <progress value={progress} max={1} aria-label="Progress" /> : null}
      </summary>
      <ol class="thoughts">
        {thoughts.map(({ reasoning, step_number }, index) => (
          <li key={index} data-step={step_number}>
            {reasoning}
          </li>
        ))}
      </ol>
    </details>
  );
}
