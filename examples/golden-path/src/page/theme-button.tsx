import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { chooseTheme, chosenTheme, themeAfter } from './theme-choice.js';

const signs = { system: '◐', light: '○', dark: '●' } as const;

/** System, light, dark, and round again. */
export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(chosenTheme);
  const next = themeAfter(theme);
  return (
    <button
      type="button"
      class="quiet"
      data-testid="theme"
      data-theme-choice={theme}
      title={`Theme: ${theme}. Press for ${next}.`}
      onClick={() => {
        chooseTheme(next);
        setTheme(next);
      }}
    >
      <span aria-hidden="true" class="sign">
        {signs[theme]}
      </span>
      <span>
        <span class="unseen">Theme: </span>
        {theme}
      </span>
    </button>
  );
}
