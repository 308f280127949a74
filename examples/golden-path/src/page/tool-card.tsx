import type { ToolState } from '@throughline/client/store';
import type { JSX } from 'preact';
import { CalculatorIcon, FileIcon, SearchIcon } from './icons.js';

/** What our own tools give; anything else is shown as JSON. */
interface SearchResults {
  readonly passages_searched: number;
  readonly hits: readonly {
    readonly path: string;
    readonly lines: string;
    readonly score: number;
    readonly excerpt: string;
  }[];
}
interface FileResults {
  readonly path: string;
  readonly first_line: number;
  readonly last_line: number;
  readonly total_lines: number;
  readonly text: string;
}
interface CalculatorResults {
  readonly expression: string;
  readonly formatted: string;
}

const has = (value: unknown, ...keys: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value);
const isSearch = (value: unknown): value is SearchResults => has(value, 'hits', 'passages_searched');
const isFile = (value: unknown): value is FileResults => has(value, 'path', 'first_line', 'text');
const isCalculation = (value: unknown): value is CalculatorResults => has(value, 'expression', 'formatted');

function Hits({ hits, passages_searched }: SearchResults): JSX.Element {
  if (hits.length === 0) return <p class="soft">None of {passages_searched.toLocaleString('en')} passages.</p>;
  return (
    <ol class="hits">
      {hits.map(({ path, lines, score, excerpt }) => (
        <li key={`${path}:${lines}`}>
          <span class="hit-place">
            <code>
              {path}:{lines}
            </code>
            <span class="soft"> score {score}</span>
          </span>
          <span class="hit-excerpt">{excerpt}</span>
        </li>
      ))}
    </ol>
  );
}

function FileLines({ first_line, text }: FileResults): JSX.Element {
  return (
    <pre class="lines">
      {text.split('\n').map((line, index) => (
        <span key={index} class="line" data-line={first_line + index}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function Results({ results }: { readonly results: unknown }): JSX.Element {
  if (isSearch(results)) return <Hits {...results} />;
  if (isFile(results)) return <FileLines {...results} />;
  if (isCalculation(results)) {
    return (
      <p class="sum">
        <code>{results.expression}</code> = <b>{results.formatted}</b>
      </p>
    );
  }
  return <pre>{JSON.stringify(results, undefined, 2)}</pre>;
}

/** The result in a few words, for the closed card. */
function gist({ status, results, error }: ToolState): string {
  if (status === 'executing') return 'working…';
  if (status === 'failed') return error?.code ?? 'failed';
  if (isSearch(results)) return results.hits.length === 1 ? '1 passage' : `${results.hits.length} passages`;
  if (isFile(results)) {
    const { first_line, last_line, total_lines } = results;
    if (first_line === 1 && last_line === total_lines) return `${total_lines} lines`;
    return first_line === last_line ? `line ${first_line}` : `lines ${first_line}–${last_line}`;
  }
  if (isCalculation(results)) return `= ${results.formatted}`;
  return 'done';
}

const icons: Readonly<Record<string, () => JSX.Element>> = {
  search: SearchIcon,
  read_file: FileIcon,
  calculator: CalculatorIcon,
};

export function ToolCard({ tool }: { readonly tool: ToolState }): JSX.Element {
  const Icon = icons[tool.tool_name] ?? FileIcon;
  const parameters = Object.entries(tool.parameters);
  return (
    <details class="tool" data-testid="tool" data-tool-name={tool.tool_name} data-status={tool.status}>
      <summary>
        <Icon />
        <span class="tool-name">{tool.tool_name}</span>
        <span class="tool-parameters">{parameters.map(([, value]) => String(value)).join(' · ')}</span>
        <span class="tool-gist">{gist(tool)}</span>
      </summary>
      <div class="tool-body">
        <dl class="parameters">
          {parameters.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
              </dd>
            </div>
          ))}
        </dl>
        {tool.status === 'succeeded' ? <Results results={tool.results} /> : null}
        {tool.status === 'failed' ? (
          <p class="problem" data-testid="tool-error">
            {tool.error?.message}
          </p>
        ) : null}
        {tool.duration_ms === undefined ? null : <p class="soft small">took {tool.duration_ms} ms</p>}
      </div>
    </details>
  );
}
