import { type JSX, render } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { History, WhoAmI } from '../history.js';
import { ChatPage } from './chat-page.js';
import { type Chat, openChat } from './chat-state.js';
import { LoginPage } from './login-page.js';
import { getJson, postJson } from './requests.js';

type Stage =
  | { readonly kind: 'opening'; readonly problem?: string }
  | { readonly kind: 'login'; readonly notice?: string }
  | { readonly kind: 'chat'; readonly chat: Chat };

const endedNotice =
  'You were logged out, or your log-in ran out. Log in again; what was answered meanwhile is waiting for you.';

function App(): JSX.Element {
  const [stage, setStage] = useState<Stage>({ kind: 'opening' });
  /** Log-out in this tab ends the chat here; its close code then needs no notice. */
  const leaving = useRef(false);

  /** The page knows nothing of the log-in but what the server says: the cookie is not for scripts. */
  const enter = useCallback(async (): Promise<void> => {
    leaving.current = false;
    const who = await getJson<WhoAmI>('/api/login');
    if (!who.ok) return setStage({ kind: 'opening', problem: who.title });
    if (who.value.name === null) return setStage({ kind: 'login' });
    const answer = await getJson<History>('/api/history');
    if (!answer.ok) return setStage({ kind: 'opening', problem: answer.title });
    const signedOut = (): void =>
      setStage(leaving.current ? { kind: 'login' } : { kind: 'login', notice: endedNotice });
    setStage({ kind: 'chat', chat: openChat(answer.value, signedOut) });
  }, []);

  const leave = useCallback(
    async (chat: Chat): Promise<void> => {
      leaving.current = true;
      const answer = await postJson('/api/logout');
      chat.close();
      // The next person begins elsewhere.
      window.history.replaceState(null, '', '/');
      if (answer.ok) setStage({ kind: 'login' });
      else await enter();
    },
    [enter],
  );

  useEffect(() => void enter(), [enter]);

  if (stage.kind === 'chat') return <ChatPage chat={stage.chat} onLogOut={() => void leave(stage.chat)} />;
  if (stage.kind === 'login') return <LoginPage notice={stage.notice} onLoggedIn={() => void enter()} />;
  return (
    <main class="login" data-testid="opening">
      {stage.problem === undefined ? null : (
        <div class="login-card">
          <p class="problem" role="alert">
            {stage.problem}
          </p>
          <button type="button" class="primary" onClick={() => void enter()}>
            Try again
          </button>
        </div>
      )}
    </main>
  );
}

const root = document.getElementById('root');
if (root !== null) render(<App />, root);
