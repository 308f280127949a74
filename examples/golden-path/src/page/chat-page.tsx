import type { JSX } from 'preact';
import { useSyncExternalStore } from 'preact/compat';
import { useEffect, useState } from 'preact/hooks';
import type { Chat } from './chat-state.js';
import { Composer } from './composer.js';
import { Connection } from './connection.js';
import { Conversation } from './conversation.js';
import { MenuIcon } from './icons.js';
import { Threads } from './threads.js';

/** The conversation stands in the address, so that a reload comes back to it. What follows `#` is never sent anywhere. */
const threadInAddress = (): string | undefined => /^#thread=([\w-]{1,64})$/.exec(location.hash)?.[1];

export function ChatPage({ chat, onLogOut }: { readonly chat: Chat; readonly onLogOut: () => void }): JSX.Element {
  const view = useSyncExternalStore(chat.subscribe, chat.getSnapshot);
  const [thread_id, setThread] = useState(() => threadInAddress() ?? view.threads[0]?.thread_id ?? crypto.randomUUID());
  const [menu, setMenu] = useState(false);

  function open(next: string): void {
    setThread(next);
    setMenu(false);
  }
  useEffect(() => {
    if (threadInAddress() !== thread_id) history.replaceState(null, '', `#thread=${thread_id}`);
  }, [thread_id]);
  useEffect(() => {
    const followAddress = (): void => setThread((current) => threadInAddress() ?? current);
    const closeMenu = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') setMenu(false);
    };
    addEventListener('hashchange', followAddress);
    addEventListener('keydown', closeMenu);
    return () => {
      removeEventListener('hashchange', followAddress);
      removeEventListener('keydown', closeMenu);
    };
  }, []);

  const running = view.runs
    .filter((run) => run.thread_id === thread_id && run.status === 'running')
    .map(({ run_id }) => run_id);
  const title = view.threads.find((thread) => thread.thread_id === thread_id)?.title ?? 'New conversation';
  const { state } = view.status;

  return (
    <div class={menu ? 'chat menu-open' : 'chat'} data-testid="chat">
      <button type="button" class="skip" onClick={() => document.getElementById('question')?.focus()}>
        Skip to the question
      </button>
      <aside class="side" id="side">
        <Threads
          threads={view.threads}
          current={thread_id}
          name={view.name}
          files={view.files}
          onOpen={open}
          onNew={() => open(crypto.randomUUID())}
          onLogOut={onLogOut}
        />
      </aside>
      <button
        type="button"
        class="veil"
        aria-label="Close the list of conversations"
        tabIndex={menu ? 0 : -1}
        onClick={() => setMenu(false)}
      />
      <main class="main">
        <header class="head">
          <button
            type="button"
            class="quiet menu"
            aria-expanded={menu}
            aria-controls="side"
            onClick={() => setMenu(!menu)}
          >
            <MenuIcon />
            <span class="unseen">Conversations</span>
          </button>
          <h1 title={title}>{title}</h1>
          <Connection status={view.status} onReconnect={chat.reconnect} />
        </header>
        <Conversation
          thread_id={thread_id}
          view={view}
          onAsk={(text) => chat.ask(thread_id, text)}
          onAgain={chat.askAgain}
        />
        <footer class="foot">
          <Composer
            thread_id={thread_id}
            offline={state === 'offline' || state === 'closed'}
            running={running}
            stopping={running.length > 0 && running.every((run_id) => view.stopping.has(run_id))}
            onAsk={(text) => chat.ask(thread_id, text)}
            onStop={() => running.forEach(chat.stop)}
          />
        </footer>
      </main>
    </div>
  );
}
