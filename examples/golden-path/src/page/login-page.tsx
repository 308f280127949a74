import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Mark } from './icons.js';
import { postJson } from './requests.js';
import { ThemeButton } from './theme-button.js';

export interface LoginPageProps {
  /** Why this page is shown, when it was not the person's wish. */
  readonly notice: string | undefined;
  readonly onLoggedIn: () => void;
}

export function LoginPage({ notice, onLoggedIn }: LoginPageProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function logIn(form: HTMLFormElement): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    const fields = new FormData(form);
    const answer = await postJson('/api/login', { name: fields.get('name'), password: fields.get('password') });
    setBusy(false);
    if (answer.ok) return onLoggedIn();
    setProblem(answer.title);
    form.querySelector<HTMLInputElement>('input[name=password]')?.select();
  }

  return (
    <main class="login">
      <form
        class="login-card"
        data-testid="login"
        method="post"
        aria-labelledby="login-title"
        onSubmit={(event) => {
          event.preventDefault();
          void logIn(event.currentTarget);
        }}
      >
        <div class="brand">
          <Mark />
          <span>Throughline</span>
        </div>
        <h1 id="login-title">The golden path</h1>
        <p class="soft">
          Ask this repository a question and watch the answer arrive: in order, whole, and only to you. Reload in the
          middle; nothing is lost.
        </p>
        {notice === undefined ? null : (
          <p class="notice" role="status" data-testid="login-notice">
            {notice}
          </p>
        )}
        <label>
          Name
          <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="problem" role="alert" data-testid="login-problem">
          {problem}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Logging in…' : 'Log in'}
        </button>
        <p class="soft small">
          The demo users are <b>ada</b> and <b>grace</b>; their password stands on the line that the server printed.
        </p>
      </form>
      <ThemeButton />
    </main>
  );
}
