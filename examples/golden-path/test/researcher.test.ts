import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Corpus, readCorpus } from '../src/agent/corpus.js';
import { createPace } from '../src/agent/pace.js';
import { createResearcher, type Researcher } from '../src/agent/researcher.js';
import { contentTerms } from '../src/agent/terms.js';
import { listen, promptResearcher, readRepository } from './corpus.js';

/** The places an answer names: `1. \`docs/x.md:3-4\``. */
function sourcesOf(answer: string): { path: string; first: number; last: number }[] {
  return [...answer.matchAll(/^\d+\. `([^`:]+):(\d+)(?:-(\d+))?`/gm)].map(([, path = '', first, last = first]) => ({
    path,
    first: Number(first),
    last: Number(last),
  }));
}

describe('on this repository', () => {
  let corpus: Corpus;
  let researcher: Researcher;
  beforeAll(async () => {
    corpus = await readRepository();
    researcher = promptResearcher(corpus);
  });

  it('knows documentation and sources, and nothing that is private or generated', () => {
    const paths = [...corpus.files.keys()];
    expect(paths).toContain('packages/events/PROTOCOL.md');
    expect(paths).toContain('packages/core/src/session.ts');
    expect(
      paths.filter((path) => /node_modules|dist\/|\/data\/|\/generated\/|\/test\/|^\.|\/\.|\.json$/.test(path)),
    ).toEqual([]);
  });

  it('counts lines as an editor does: each passage stands where it says', () => {
    expect(corpus.passages.length).toBeGreaterThan(200);
    for (const { path, first_line, last_line, text, kind } of corpus.passages) {
      const lines = corpus.files.get(path)?.lines ?? [];
      const there = new Set(contentTerms(lines.slice(first_line - 1, last_line).join('\n')));
      expect(first_line, path).toBeGreaterThan(0);
      expect(last_line, path).toBeLessThanOrEqual(lines.length);
      expect(
        // A row's text names its columns too, and they stand above it.
        contentTerms(text).filter((term, index) => !there.has(term) && (kind !== 'row' || index === 0)),
        `${path}:${first_line}`,
      ).toEqual([]);
    }
  });

  it.each([
    ['What is a cursor?', /reader of a log/i],
    ['Which close code means signed out?', /4401/],
    ['What happens to a slow reader?', /slow|lag/i],
    ['What is a position?', /resume|epoch/i],
    ['What is a run?', /agent_started|agent work/],
    ['What does seq count?', /run/],
    ['When is reset sent?', /reset/],
    ['What does getWebSocketManager do?', /getWebSocketManager/],
    ['How does the client reconnect?', /reconnect|backoff/i],
    ['Where may a token travel?', /token/i],
    ['What is an epoch?', /log/i],
    ['What does the mark protect against?', /mark/i],
  ])('S8: answers %j from what is written, with sources', async (question, expected) => {
    const heard = listen();
    const answer = await researcher.answer(question, heard.voice);
    expect(answer).toMatch(expected);
    expect(answer).toBe(heard.text);
    expect(heard.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['search', 'read_file']));
    const sources = sourcesOf(answer);
    expect(sources.length).toBeGreaterThan(0);
    for (const { path, first, last } of sources)
      expect(
        corpus.files
          .get(path)
          ?.lines.slice(first - 1, last)
          .join('')
          .trim(),
      ).not.toBe('');
    // Each number in the text has its source, and each source is used.
    const cited = new Set(
      [...(answer.split('**Sources**')[0] ?? '').matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)),
    );
    expect([...cited].sort((a, b) => a - b)).toEqual(sources.map((_, index) => index + 1));
  });

  it('quotes: what it says before the sources stands in the lines it names', async () => {
    const answer = await researcher.answer('What is a cursor?', listen().voice);
    const written = sourcesOf(answer).flatMap(
      ({ path, first, last }) => corpus.files.get(path)?.lines.slice(first - 1, last) ?? [],
    );
    const there = new Set(contentTerms(written.join('\n')));
    const said = contentTerms((answer.split('**Sources**')[0] ?? '').replace(/\[\d+\]|Also:/g, ''));
    expect(said.filter((term) => !there.has(term))).toEqual([]);
  });

  it('plans aloud, step by step, with progress that does not go back', async () => {
    const heard = listen();
    await researcher.answer('What is a session, and how much is 3 * 4?', heard.voice);
    const thoughts = heard.said.filter((item) => item.kind === 'thought');
    expect(thoughts.map(({ reasoning }) => reasoning).join('')).toContain(
      'My plan: search the files and read the best passages; then work out 3 * 4',
    );
    const steps = thoughts.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(new Set(steps)).toEqual(new Set([1, 2, 3]));
    const progress = thoughts.map((thought) => thought.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it('works out a sum with the calculator alone', async () => {
    const heard = listen();
    expect(await researcher.answer('How much is 12% of 3400?', heard.voice)).toContain('**408**');
    expect(heard.tools).toEqual([
      expect.objectContaining({
        name: 'calculator',
        parameters: { expression: '12% * 3400' },
        results: expect.objectContaining({ result: 408 }),
      }),
    ]);
  });

  it('summarises a file with its parts', async () => {
    const answer = await researcher.answer('read packages/events/PROTOCOL.md', listen().voice);
    expect(answer).toContain('Its sections:');
    expect(sourcesOf(answer)).toEqual([expect.objectContaining({ path: 'packages/events/PROTOCOL.md' })]);
  });

  it('answers from one file when asked to', async () => {
    const answer = await researcher.answer('In packages/events/PROTOCOL.md, what is an epoch?', listen().voice);
    expect(new Set(sourcesOf(answer).map(({ path }) => path))).toEqual(new Set(['packages/events/PROTOCOL.md']));
  });

  it('says that it found nothing, and guesses nothing', async () => {
    const answer = await researcher.answer('What is the capital of Liechtenstein?', listen().voice);
    expect(answer).toMatch(/found nothing about .*“Liechtenstein”/);
    expect(sourcesOf(answer)).toEqual([]);
  });

  it.each([
    ['read ../../etc/passwd', 'PATH_OUTSIDE', /leads out of this repository/],
    ['calculate 12 / banana', 'UNKNOWN_NAME', /banana/],
    ['calculate 1 / 0', 'NO_RESULT', /divides by zero/],
  ])('tells why a tool refused: %s', async (question, code, words) => {
    const heard = listen();
    expect(await researcher.answer(question, heard.voice)).toMatch(words);
    expect(heard.tools).toEqual([expect.objectContaining({ error: expect.objectContaining({ code }) })]);
  });

  it('fails when the file that was asked for is not there: without it there is nothing to say', async () => {
    const heard = listen();
    await expect(researcher.answer('read docs/no-such-file.md', heard.voice)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    expect(heard.tools).toHaveLength(1);
  });
});

describe('stopping', () => {
  it.each(['thought', 'text'] as const)('ends at once, in the middle of a %s', async (kind) => {
    const researcher = createResearcher({ corpus: await readRepository(), pace: createPace(20_000) });
    const stop = new AbortController();
    const reason = new Error('stopped by the user');
    const heard = listen(stop.signal);
    const { voice } = heard;
    const abortAt = (happened: string): void => {
      if (happened === kind) stop.abort(reason);
    };
    const interrupted = researcher.answer('What is a run?', {
      ...voice,
      async think(...thought) {
        await voice.think(...thought);
        abortAt('thought');
      },
      say(text) {
        voice.say(text);
        abortAt('text');
      },
    });
    await expect(interrupted).rejects.toSatisfy((error) => stop.signal.aborted && error instanceof Error);
    expect(heard.said.filter((item) => item.kind === kind)).toHaveLength(1);
  });
});

describe('the corpus', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'golden-path-corpus-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('refuses a folder that has nothing to say', async () => {
    await expect(readCorpus(directory)).rejects.toThrow(/corpusDirectory: no documentation/);
  });

  it('reads the same from files with other line ends, and quotes a row by the names of its columns', async () => {
    await mkdir(join(directory, 'docs'));
    await writeFile(
      join(directory, 'docs/codes.md'),
      '# Codes\r\n\r\n| code | when | rule |\r\n|---|---|---|\r\n| 4401 | signed out | refresh |\r\n',
    );
    const { passages } = await readCorpus(directory);
    expect(passages).toEqual([
      expect.objectContaining({
        first_line: 5,
        lead: '4401',
        text: '4401: signed out (rule: refresh)',
        headings: ['Codes'],
      }),
    ]);
  });
});
