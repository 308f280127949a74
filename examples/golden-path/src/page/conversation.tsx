import type { JSX, RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ChatView } from './chat-state.js';
import { DownIcon } from './icons.js';
import { PendingQuestion } from './pending-question.js';
import { Run } from './run.js';
import type { RunView } from './runs.js';
import { Seam } from './seam.js';
import { Welcome } from './welcome.js';

/** A person this near the end is reading along. */
const nearEnd = 80;

interface End {
  readonly ref: RefObject<HTMLElement>;
  /** The person has scrolled away from it. */
  readonly away: boolean;
  readonly toEnd: () => void;
}

/**
 * Stays at the end while what is shown grows, unless the person has scrolled away; goes there when they ask something. An empty conversation is
 * read from its top.
 */
function useEnd(thread_id: string, view: ChatView, empty: boolean, asked: string | undefined): End {
  const ref = useRef<HTMLElement>(null);
  const [away, setAway] = useState(false);
  const toEnd = useCallback(() => {
    ref.current?.scrollTo({ top: ref.current.scrollHeight });
    setAway(false);
  }, []);
  useEffect(() => {
    const element = ref.current;
    const look = (): void => {
      if (element !== null) setAway(element.scrollHeight - element.scrollTop - element.clientHeight > nearEnd);
    };
    element?.addEventListener('scroll', look, { passive: true });
    return () => element?.removeEventListener('scroll', look);
  }, []);
  useLayoutEffect(() => {
    if (empty) ref.current?.scrollTo({ top: 0 });
    else toEnd();
  }, [thread_id, empty, toEnd]);
  useLayoutEffect(() => {
    if (asked !== undefined) toEnd();
  }, [asked, toEnd]);
  useLayoutEffect(() => {
    if (!away && !empty) ref.current?.scrollTo({ top: ref.current.scrollHeight });
  }, [view, away, empty]);
  return { ref, away: away && !empty, toEnd };
}

/** Said to those who do not see: that an answer began, and how it ended. Not each word. */
function announcement(run: RunView | undefined): string {
  if (run === undefined) return '';
  if (run.status === 'running') return run.text === '' ? 'The researcher is at work.' : 'The answer is arriving.';
  return run.status === 'succeeded' ? 'The answer is complete.' : `The answer ended: ${run.status}.`;
}

export interface ConversationProps {
  readonly thread_id: string;
  readonly view: ChatView;
  readonly onAsk: (text: string) => void;
  readonly onAgain: (message_id: string) => void;
}

export function Conversation({ thread_id, view, onAsk, onAgain }: ConversationProps): JSX.Element {
  const runs = view.runs.filter((run) => run.thread_id === thread_id);
  const pending = view.pending.filter((item) => item.thread_id === thread_id);
  const empty = runs.length === 0 && pending.length === 0;
  const { ref, away, toEnd } = useEnd(thread_id, view, empty, pending.at(-1)?.message_id);
  const firstLive = runs.findIndex(({ source }) => source === 'live');
  const seamAt = firstLive === -1 ? runs.length : firstLive;
  const latest = runs.at(-1);

  return (
    <>
      <section class="conversation" ref={ref} aria-label="Conversation" tabIndex={-1} id="conversation">
        <div class="column">
          {empty ? <Welcome files={view.files} onAsk={onAsk} /> : null}
          {runs.slice(0, seamAt).map((run) => (
            <Run key={run.run_id} run={run} stopping={false} />
          ))}
          {seamAt === 0 ? null : <Seam shared={view.shared.get(thread_id) ?? 0} />}
          {runs.slice(seamAt).map((run) => (
            <Run key={run.run_id} run={run} stopping={view.stopping.has(run.run_id)} />
          ))}
          {pending.map((item) => (
            <PendingQuestion key={item.message_id} pending={item} onAgain={onAgain} />
          ))}
        </div>
      </section>
      <div class="unseen" role="status" aria-live="polite">
        {announcement(latest)}
      </div>
      {away ? (
        <button type="button" class="to-end" onClick={toEnd}>
          <DownIcon />
          To the end
        </button>
      ) : null}
    </>
  );
}
