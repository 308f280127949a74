import type { JSX } from 'preact';
import type { ThreadView } from './chat-state.js';
import { LeaveIcon, Mark, PlusIcon } from './icons.js';
import { ThemeButton } from './theme-button.js';

export interface ThreadsProps {
  readonly threads: readonly ThreadView[];
  readonly current: string;
  readonly name: string;
  readonly files: number;
  readonly onOpen: (thread_id: string) => void;
  readonly onNew: () => void;
  readonly onLogOut: () => void;
}

export function Threads({ threads, current, name, files, onOpen, onNew, onLogOut }: ThreadsProps): JSX.Element {
  return (
    <>
      <div class="brand">
        <Mark />
        <span>Throughline</span>
      </div>
      <button type="button" class="new" data-testid="new-thread" onClick={onNew}>
        <PlusIcon />
        New conversation
      </button>
      <nav class="threads" aria-label="Conversations">
        <ul>
          {threads.map(({ thread_id, title, running }) => (
            <li key={thread_id}>
              <button
                type="button"
                data-testid="thread"
                data-thread-id={thread_id}
                aria-current={thread_id === current ? 'page' : undefined}
                onClick={() => onOpen(thread_id)}
              >
                <span class="thread-title">{title}</span>
                {running ? <span class="thread-running">answering</span> : null}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <p class="honest soft small">
        No language model here: a small deterministic researcher over this repository’s own {files} files. It searches,
        reads, calculates and quotes.
      </p>
      <div class="person">
        <span class="person-name" data-testid="user">
          {name}
        </span>
        <ThemeButton />
        <button type="button" class="quiet" data-testid="log-out" onClick={onLogOut}>
          <LeaveIcon />
          Log out
        </button>
      </div>
    </>
  );
}
