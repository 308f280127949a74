import type { Passage } from './passages.js';
import type { Hit, SearchIndex } from './search-index.js';
import { contentTerms, likeTerms, pairsOf } from './terms.js';

/** A passage that answers, and the words of it that do. */
export interface Evidence {
  readonly passage: Passage;
  readonly quote: string;
}

const mostSentences = 3;
const longestQuote = 420;

function sentencesOf(text: string): string[] {
  const segments = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text);
  return [...segments].map(({ segment }) => segment.trim()).filter((sentence) => sentence !== '');
}

/** The sentence that says most of what was asked, with its neighbours as far as they say more of it and fit. */
function bestSentences(text: string, question: string, index: SearchIndex): string {
  const sentences = sentencesOf(text);
  const asked = new Set(contentTerms(question));
  const phrases = pairsOf(question);
  const scores = sentences.map((sentence, position) => {
    const terms = new Set(contentTerms(sentence));
    const pairs = new Set(pairsOf(sentence));
    const found = [...asked].filter((term) => terms.has(term) || likeTerms(term).some((other) => terms.has(other)));
    const phrase = phrases.filter((pair) => pairs.has(pair)).length;
    // Who writes well says the main thing first: at equal worth the earlier sentence.
    return found.reduce((sum, term) => sum + index.weight(term), 0) + phrase * 0.7 - position * 0.05;
  });
  let first = scores.indexOf(Math.max(...scores));
  let last = first;
  const length = (): number => sentences.slice(first, last + 1).join(' ').length;
  while (last - first + 1 < mostSentences && length() < longestQuote) {
    const after = sentences[last + 1];
    const before = sentences[first - 1];
    if (after !== undefined && length() + after.length < longestQuote) last += 1;
    else if (before !== undefined && length() + before.length < longestQuote) first -= 1;
    else break;
  }
  const quote = sentences.slice(first, last + 1).join(' ');
  return first > 0 ? `… ${quote}` : quote;
}

function quoteFrom(passage: Passage, question: string, index: SearchIndex): string {
  if (passage.kind === 'code') return passage.text;
  if (passage.kind === 'row' && passage.lead !== undefined) {
    const rest = passage.text.slice(passage.lead.length).replace(/^:\s*/, '');
    const name = passage.lead.startsWith('`') ? passage.lead : `**${passage.lead}**`;
    return `${name}: ${rest.length > longestQuote ? bestSentences(rest, question, index) : rest}`;
  }
  const text = passage.text.length > longestQuote ? bestSentences(passage.text, question, index) : passage.text;
  const names = passage.lead !== undefined && passage.path.endsWith('.ts') ? `\`${passage.lead}\`: ` : '';
  return `${names}${text}`;
}

/** How much two passages say the same, 0 to 1: a second witness with the same words adds nothing. */
function likeness(a: string, b: string): number {
  const one = new Set(contentTerms(a));
  const other = new Set(contentTerms(b));
  const shared = [...one].filter((term) => other.has(term)).length;
  return shared / Math.max(1, Math.min(one.size, other.size));
}

/** The few passages worth quoting: the best, and others that come near it and say something else. */
export function evidenceIn(hits: readonly Hit[], question: string, index: SearchIndex): readonly Evidence[] {
  const best = hits[0];
  if (best === undefined) return [];
  const chosen: Evidence[] = [];
  for (const { passage, score, coverage } of hits) {
    if (chosen.length === 3 || score < best.score * 0.4) break;
    if (coverage < best.coverage * 0.7 || (chosen.length > 0 && passage.kind === 'code')) continue;
    const quote = quoteFrom(passage, question, index);
    if (chosen.every((other) => likeness(other.quote, quote) < 0.6)) chosen.push({ passage, quote });
  }
  return chosen;
}
