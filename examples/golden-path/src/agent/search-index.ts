import MiniSearch from 'minisearch';
import type { Corpus } from './corpus.js';
import type { Passage } from './passages.js';
import { contentTerms, isContent, likeTerms, pairsOf, termOf, tokenize } from './terms.js';

/** A passage that speaks of what was asked. */
export interface Hit {
  readonly passage: Passage;
  /** Higher is better; comparable within one search only. */
  readonly score: number;
  /** The share of what was asked that this passage names, 0 to 1; rare words count for more. */
  readonly coverage: number;
}

export interface SearchIndex {
  /** The best passages first; `within` searches one file only. */
  search(query: string, options?: { readonly limit?: number; readonly within?: string }): readonly Hit[];
  /** How telling a term is: the fewer passages have it, the more. A term in no passage is the most telling of all. */
  weight(term: string): number;
  readonly size: number;
}

/** Documentation answers questions; source is quoted when nothing better is found or a name of its own is asked for. */
const kindWeight: Readonly<Record<Passage['kind'], number>> = { paragraph: 1, item: 1, row: 1.1, code: 0.5 };

function placeWeight(path: string): number {
  if (path === 'docs/glossary.md') return 1.25;
  if (path.startsWith('docs/adr/') || path.startsWith('tools/')) return 0.8;
  return path.endsWith('.md') ? 1.1 : 0.75;
}

/** `getToken`, `run_id` or anything in backticks: a question about a name of the source. */
const namesCode = /[a-z][A-Z]|\w_\w|`/;

/** The things a passage's lead names: "cursor / reading" names two. */
function named(lead: string | undefined): readonly string[] {
  if (lead === undefined) return [];
  return lead.split(/\s*(?:\/|,| vs\.? | or | and | then )\s*/).map((part) => tokenize(part).map(termOf).join(' '));
}

const headingOf = ({ headings, columns = '' }: Passage): string => [...headings.slice(-2), columns].join(' ');
const textOf = (passage: Passage): string => [passage.lead ?? '', headingOf(passage), passage.text].join('\n');

export function createSearchIndex(corpus: Corpus): SearchIndex {
  const frequency = new Map<string, number>();
  const terms = corpus.passages.map((passage) => new Set(contentTerms(textOf(passage))));
  const pairs = corpus.passages.map((passage) => new Set(pairsOf(textOf(passage))));
  for (const set of terms) for (const term of set) frequency.set(term, (frequency.get(term) ?? 0) + 1);

  const index = new MiniSearch<{ id: number; lead: string; headings: string; text: string; path: string }>({
    fields: ['lead', 'headings', 'text', 'path'],
    tokenize,
    processTerm: (word) => (isContent(word) ? termOf(word) : null),
    searchOptions: { boost: { lead: 3, headings: 1.5, path: 0.5 }, fuzzy: (term) => (term.length > 6 ? 0.2 : false) },
  });
  index.addAll(
    corpus.passages.map((passage, id) => ({
      id,
      lead: passage.lead ?? '',
      headings: headingOf(passage),
      text: passage.text,
      path: passage.path,
    })),
  );

  const weight = (term: string): number => Math.log(1 + corpus.passages.length / (1 + (frequency.get(term) ?? 0)));

  return {
    size: corpus.passages.length,
    weight,
    search(query, { limit = 8, within } = {}) {
      const asked = [...new Set(contentTerms(query))];
      const phrases = pairsOf(query).filter((pair) => pair.split(' ').some((word) => asked.includes(word)));
      const subject = asked.join(' ');
      const codeWeight = namesCode.test(query) ? 1 : 0.3;
      const total = asked.reduce((sum, term) => sum + weight(term), 0);
      if (total === 0) return [];
      const widened = [query, ...asked.flatMap(likeTerms)].join(' ');
      const ranked = index.search(widened).flatMap(({ id, score, terms: matched }): Hit[] => {
        const passage = corpus.passages[id as number];
        const has = terms[id as number];
        if (passage === undefined || has === undefined || (within !== undefined && passage.path !== within)) return [];
        const present = (term: string): number => {
          if (has.has(term)) return 1;
          if (likeTerms(term).some((other) => has.has(other))) return 0.7;
          // A misspelt word counts when the index found what was probably meant.
          return matched.some((found) => found.startsWith(term.slice(0, 4))) ? 0.6 : 0;
        };
        const coverage = asked.reduce((sum, term) => sum + weight(term) * present(term), 0) / total;
        const phrase = phrases.filter((pair) => pairs[id as number]?.has(pair)).length / Math.max(1, phrases.length);
        const defines = passage.kind !== 'code' && named(passage.lead).includes(subject) ? 1 : 0;
        const quality =
          kindWeight[passage.kind] * placeWeight(passage.path) * (passage.kind === 'code' ? codeWeight : 1);
        return [
          { passage, coverage, score: Math.sqrt(score) * coverage ** 1.5 * (1 + phrase + 1.5 * defines) * quality },
        ];
      });
      return ranked.sort((a, b) => b.score - a.score).slice(0, limit);
    },
  };
}
