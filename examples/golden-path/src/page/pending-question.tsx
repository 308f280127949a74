import type { JSX } from 'preact';
import type { Pending } from './outbox.js';

const states: Readonly<Record<Pending['state'], string>> = {
  waiting: 'waiting to be sent',
  accepted: 'accepted, its turn comes',
  failed: 'not sent',
};

export interface PendingQuestionProps {
  readonly pending: Pending;
  readonly onAgain: (message_id: string) => void;
}

/** A question without a run yet. */
export function PendingQuestion({ pending, onAgain }: PendingQuestionProps): JSX.Element {
  const { message_id, text, state, reason } = pending;
  return (
    <div class="run pending" data-testid="pending" data-state={state} data-message-id={message_id}>
      <div class="question">{text}</div>
      <p class="pending-state">
        {state === 'failed' ? <span class="problem">{reason}</span> : states[state]}
        {state === 'failed' ? (
          <button type="button" class="link" onClick={() => onAgain(message_id)}>
            Send again
          </button>
        ) : null}
      </p>
    </div>
  );
}
