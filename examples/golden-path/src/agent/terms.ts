import { stemmer } from 'stemmer';

/** Words that say nothing about what a question is about. */
const stopWords: ReadonlySet<string> = new Set(
  `a about against all also am an and any are as at be been but by called can could did do does doing ever explain for from give had
  happen happened happens has have how i if in into is it its just let like may me mean means meant might must my no not of on one or our
  out please say says shall should so some such tell than that the their them then there these they thing things this those to up us
  use used was we were what when where which who whom whose why will with work works would you your`.split(/\s+/),
);

/** `getWebSocketManager` and `run_id` are words of their own, and so are their parts. */
function wordsOf(raw: string): string[] {
  const parts = raw.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2').split(/[\s_$]+/);
  return parts.length > 1 ? [raw, ...parts] : [raw];
}

/** One word as the index knows it: lower case, without its ending ("readers" and "reader" are one term). */
export function termOf(word: string): string {
  const lower = word.toLowerCase();
  return /^\p{L}+$/u.test(lower) ? stemmer(lower) : lower;
}

/** The words of a text, in order, each compound beside its parts. Stop words are kept: the search decides about them. */
export function tokenize(text: string): string[] {
  return (text.match(/[\p{L}\p{N}_$]+/gu) ?? []).flatMap(wordsOf).filter((word) => word !== '');
}

/** Is it a word a question could be about? "out" alone is not; "4401" and "ack" are. */
export function isContent(word: string): boolean {
  return !stopWords.has(word.toLowerCase()) && (word.length > 1 || /\d/.test(word));
}

/** Words that a question and a page may choose between for one thing. */
const alike: readonly (readonly string[])[] = [
  ['big', 'large', 'long', 'size', 'limit', 'maximum'],
  ['often', 'interval', 'every', 'period'],
  ['protect', 'guard', 'prevent', 'honour', 'identify', 'refuse'],
  ['stop', 'cancel', 'abort'],
  ['logout', 'signed', 'revoke'],
  ['lost', 'lose', 'missing', 'gap'],
  ['slow', 'lagging', 'behind'],
  ['token', 'credential'],
  ['server', 'service'],
  ['send', 'sent', 'says'],
].map((group) => group.map(termOf));

/** Terms that would do as well as this one, without the term itself. */
export function likeTerms(term: string): readonly string[] {
  return alike.filter((group) => group.includes(term)).flatMap((group) => group.filter((other) => other !== term));
}

/** The terms a text is about, in order, with repetitions. */
export function contentTerms(text: string): string[] {
  return tokenize(text).filter(isContent).map(termOf);
}

/** Neighbouring words as they stand ("sign out", "close code"), stop words included: a phrase is more than its words. */
export function pairsOf(text: string): string[] {
  const terms = (text.match(/[\p{L}\p{N}_$]+/gu) ?? []).map(termOf);
  return terms.slice(1).map((term, index) => `${terms[index]} ${term}`);
}
