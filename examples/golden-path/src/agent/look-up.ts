import { linesOf } from './draft.js';
import { evidenceIn } from './evidence.js';
import type { FileReader } from './file-reader.js';
import type { Hit, SearchIndex } from './search-index.js';
import type { Task } from './task.js';
import { contentTerms, isContent, likeTerms, termOf, tokenize } from './terms.js';

/** Below this share of what was asked, a passage speaks of something else. */
const leastCoverage = 0.3;
/** Below this it may be near, and the answer claims no more than that. */
const goodCoverage = 0.6;

const listed = (words: readonly string[]): string => new Intl.ListFormat('en').format(words.map((word) => `“${word}”`));

/** The words a question is about, as they were written. */
function topicsOf(question: string): string[] {
  const topics = (question.match(/[\p{L}\p{N}_$]+/gu) ?? []).filter((word) => tokenize(word).some(isContent));
  return topics.filter((word, index) => topics.findIndex((other) => termOf(other) === termOf(word)) === index);
}

/** What of it the best passage does not name. */
function missingFrom(hit: Hit | undefined, topics: readonly string[]): string[] {
  const passage = hit?.passage;
  const has = new Set(
    passage === undefined
      ? []
      : contentTerms([passage.lead, passage.columns, passage.headings.join(' '), passage.text].join(' ')),
  );
  return topics.filter((topic) => ![termOf(topic), ...likeTerms(termOf(topic))].some((term) => has.has(term)));
}

/** A hit as the tool's result shows it. */
function shown({ passage, score, coverage }: Hit): Record<string, string | number> {
  return {
    path: passage.path,
    lines: linesOf(passage),
    kind: passage.kind,
    score: Math.round(score * 100) / 100,
    coverage: Math.round(coverage * 100) / 100,
    excerpt: passage.text.length > 160 ? `${passage.text.slice(0, 159)}…` : passage.text,
  };
}

export interface LookUp {
  readonly index: SearchIndex;
  readonly files: FileReader;
  readonly fileCount: number;
}

/** Searches, reads the best passages where they stand, and quotes what answers. `within` keeps to one file. */
export async function lookUp(
  { index, files, fileCount }: LookUp,
  question: string,
  task: Task,
  within?: string,
): Promise<void> {
  const { voice, draft, think } = task;
  const topics = topicsOf(question);
  const place = within ?? `${fileCount} files`;
  if (topics.length === 0) {
    await think('There is no word in this that a page could be about. ');
    await draft.say(
      'I could not find a topic in that. Ask me about something in this repository: a cursor, a close code, a file.',
    );
    return;
  }
  await think(`This is about ${listed(topics)}. I search ${place} for it. `);
  const query = topics.join(' ');
  const found: { hits: readonly Hit[] } = { hits: [] };
  await voice.useTool('search', { query, ...(within === undefined ? {} : { within }) }, () => {
    found.hits = index.search(question, { limit: 8, ...(within === undefined ? {} : { within }) });
    return { passages_searched: index.size, hits: found.hits.map(shown) };
  });
  const best = found.hits[0];
  if (best === undefined || best.coverage < leastCoverage) {
    const missing = missingFrom(best, topics);
    await think(
      `No passage speaks of ${listed(missing.length === 0 ? topics : missing)}. I shall say so and guess nothing. `,
    );
    await draft.say(
      `I found nothing about ${listed(missing.length === 0 ? topics : missing)} in ${place === within ? place : "this repository's files"}. I know only what is written there, so I have no answer.`,
    );
    return;
  }

  const evidence = evidenceIn(found.hits, question, index);
  const count = found.hits.length === 1 ? 'One passage speaks' : `${found.hits.length} passages speak`;
  await think(
    `${count} of it. The best stands in ${best.passage.path} on line ${best.passage.first_line}. I read it where it stands. `,
  );
  for (const { passage } of evidence.slice(0, 2)) {
    const lines = { first: passage.first_line, last: passage.last_line };
    await voice.useTool('read_file', { path: passage.path, lines: linesOf(passage) }, () =>
      files.read(passage.path, lines),
    );
  }
  const missing = missingFrom(best, topics);
  const sure = best.coverage >= goodCoverage;
  await think(
    sure
      ? `It answers the question${evidence.length > 1 ? `, and ${evidence.length === 2 ? 'another passage adds' : 'two more add'} to it` : ''}. I quote rather than rephrase. `
      : `It says nothing of ${listed(missing.length === 0 ? topics : missing)}, so it is near rather than right. I shall say that too. `,
  );
  if (!sure) await draft.say('Nothing here answers that outright. The nearest I found:\n\n');
  for (const [position, { passage, quote }] of evidence.entries()) {
    const mark = draft.cite(passage);
    if (passage.kind === 'code') await draft.say(`The source says ${mark}:\n\n\`\`\`\n${quote}\n\`\`\``);
    else if (position === 0) await draft.say(`${quote} ${mark}`);
    else await draft.say(`${position === 1 ? '\n\nAlso:\n' : ''}\n- ${quote} ${mark}`);
  }
}
