import { marked, type Token, type Tokens } from 'marked';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';

/** `[2]` in an answer points to its second source. */
function withCitations(text: string): ComponentChildren[] {
  return text.split(/\[(\d{1,2})\]/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <button
        key={index}
        type="button"
        class="cite"
        aria-label={`Source ${part}`}
        onClick={(event) => {
          const sources = event.currentTarget.closest('.answer')?.querySelectorAll('ol:last-of-type > li');
          const source = sources?.[Number(part) - 1];
          source?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
          source?.animate([{ backgroundColor: 'var(--tint)' }, { backgroundColor: 'transparent' }], 1600);
        }}
      >
        [{part}]
      </button>
    ),
  );
}

/** Markdown becomes elements, never HTML: a quoted passage cannot bring a tag of its own to life. */
function render(tokens: readonly Token[] | undefined): ComponentChildren {
  return tokens?.map((token, index) => <Piece key={index} token={token} />);
}

function Piece({ token }: { token: Token }): ComponentChildren {
  switch (token.type) {
    case 'paragraph':
      return <p>{render(token.tokens)}</p>;
    case 'heading':
      return <p class="heading">{render(token.tokens)}</p>;
    case 'strong':
      return <strong>{render(token.tokens)}</strong>;
    case 'em':
      return <em>{render(token.tokens)}</em>;
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>;
    case 'code':
      return (
        <pre>
          <code>{(token as Tokens.Code).text}</code>
        </pre>
      );
    case 'list': {
      const list = token as Tokens.List;
      const items = list.items.map((item, index) => <li key={index}>{render(item.tokens)}</li>);
      return list.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case 'text':
      return 'tokens' in token && token.tokens !== undefined
        ? render(token.tokens)
        : withCitations((token as Tokens.Text).text);
    case 'escape':
      return (token as Tokens.Escape).text;
    case 'br':
      return <br />;
    case 'space':
      return null;
    default:
      return token.raw;
  }
}

export function Answer({ text, growing }: { readonly text: string; readonly growing: boolean }): JSX.Element {
  const tokens = useMemo(() => marked.lexer(text), [text]);
  return (
    <div class={growing ? 'answer growing' : 'answer'} data-testid="answer" aria-busy={growing}>
      {render(tokens)}
    </div>
  );
}
