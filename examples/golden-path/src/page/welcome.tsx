import type { JSX } from 'preact';

const suggestions: readonly (readonly [question: string, hint: string])[] = [
  ['What is a cursor?', 'a definition'],
  ['Which close code means signed out?', 'a fact'],
  ['What happens to a slow reader?', 'how it behaves'],
  ['How much is 12% of 3400?', 'the calculator'],
  ['Read docs/glossary.md', 'one file'],
  ['Read docs/no-such-file.md', 'a run that fails'],
];

/** An empty conversation: what can be asked, and who answers. */
export function Welcome({
  files,
  onAsk,
}: {
  readonly files: number;
  readonly onAsk: (text: string) => void;
}): JSX.Element {
  return (
    <div class="welcome" data-testid="welcome">
      <h2>Ask this repository</h2>
      <p class="soft">
        No language model here: a small deterministic researcher reads this repository’s own {files} files and quotes
        what answers. What you see it do, it does; only its pace is that of a model.
      </p>
      <ul class="suggestions">
        {suggestions.map(([question, hint]) => (
          <li key={question}>
            <button type="button" onClick={() => onAsk(question)}>
              <span>{question}</span>
              <span class="soft small">{hint}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="soft small">
        While it answers: reload the page, open a second tab, pull the network cable. The answer goes on where it was.
      </p>
    </div>
  );
}
