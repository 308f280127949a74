import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { SendIcon, StopIcon } from './icons.js';

export interface ComposerProps {
  readonly thread_id: string;
  readonly offline: boolean;
  /** The runs of this thread that go on. */
  readonly running: readonly string[];
  readonly stopping: boolean;
  readonly onAsk: (text: string) => void;
  readonly onStop: () => void;
}

const longestQuestion = 2000;

export function Composer({ thread_id, offline, running, stopping, onAsk, onStop }: ComposerProps): JSX.Element {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);

  // As high as what is in it; the style sheet sets the most.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text, offline]);
  useLayoutEffect(focusField, [thread_id]);

  /** Not where it would bring up a keyboard on the screen. */
  function focusField(): void {
    if (matchMedia('(hover: hover)').matches) field.current?.focus();
  }

  function ask(): void {
    const question = text.trim();
    if (question === '') return;
    onAsk(question);
    setText('');
    field.current?.focus();
  }

  return (
    <form
      class="composer"
      data-testid="composer"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <label class="unseen" for="question">
        Your question
      </label>
      <textarea
        id="question"
        ref={field}
        rows={1}
        maxLength={longestQuestion}
        placeholder={offline ? 'Offline: write on, it is sent later' : 'Ask about this repository'}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          ask();
        }}
      />
      {running.length === 0 ? null : (
        <button
          type="button"
          class="stop"
          data-testid="stop"
          disabled={stopping}
          onClick={() => {
            onStop();
            // The button goes; whoever came to it by keyboard is not to be left nowhere.
            focusField();
          }}
        >
          <StopIcon />
          {stopping ? 'Stopping' : 'Stop'}
        </button>
      )}
      <button
        type="submit"
        class="primary send"
        data-testid="send"
        disabled={text.trim() === ''}
        title="Send (Enter); new line (Shift+Enter)"
      >
        <SendIcon />
        <span class="unseen">Send</span>
      </button>
    </form>
  );
}
