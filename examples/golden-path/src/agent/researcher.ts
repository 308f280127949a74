import { createCalculator } from './calculator.js';
import type { Corpus } from './corpus.js';
import { createDraft } from './draft.js';
import { createFileReader } from './file-reader.js';
import { summarise } from './file-summary.js';
import { lookUp } from './look-up.js';
import type { Pace } from './pace.js';
import { planFor, type Step } from './plan.js';
import { createSearchIndex } from './search-index.js';
import type { Task } from './task.js';
import { isToolError } from './tool-error.js';
import type { Voice } from './voice.js';

/** Answers questions about a corpus by looking: no model, no network, the same answer every time. */
export interface Researcher {
  /** Gives the whole answer, once said. Rejects with the signal's reason when stopped, with a ToolError when a file asked for is not there. */
  answer(question: string, voice: Voice): Promise<string>;
}

/** Words thought at once: an event a word would be an event too many. */
const wordsPerThought = 4;

function intentionOf(step: Step): string {
  if (step.kind === 'calculate') return `work out ${step.expression}`;
  if (step.kind === 'read') return step.question === undefined ? `read ${step.path}` : `look into ${step.path}`;
  if (step.kind === 'introduce') return 'say who I am, and read the first page of what I know';
  return 'search the files and read the best passages';
}

async function thinkAloud(
  text: string,
  pace: Pace,
  signal: AbortSignal,
  think: (piece: string) => Promise<void>,
): Promise<void> {
  let words: string[] = [];
  for await (const word of pace.words(text, signal)) {
    words.push(word);
    if (words.length < wordsPerThought) continue;
    await think(words.join(''));
    words = [];
  }
  if (words.length > 0) await think(words.join(''));
}

export function createResearcher({ corpus, pace }: { readonly corpus: Corpus; readonly pace: Pace }): Researcher {
  const index = createSearchIndex(corpus);
  const files = createFileReader(corpus);
  const calculator = createCalculator();
  const library = { index, files, fileCount: corpus.files.size };

  async function workOut(expression: string, { voice, draft, think }: Task): Promise<void> {
    await think(`A calculation: ${expression}. `);
    const { formatted } = await voice.useTool('calculator', { expression }, () => calculator.calculate(expression));
    await draft.say(`${expression.replaceAll('*', '×')} = **${formatted}**`);
  }

  async function introduce({ voice, draft, think }: Task): Promise<void> {
    const page = corpus.files.has('README.md') ? 'README.md' : ([...corpus.files.keys()][0] ?? '');
    await think('A greeting, so I say what I am good for. ');
    await voice.useTool('read_file', { path: page }, () => files.read(page));
    const opening = corpus.passages.find(({ path, kind }) => path === page && kind === 'paragraph');
    await draft.say(
      `I am a small researcher, not a language model: I search the ${corpus.files.size} files of this repository and quote what answers. ` +
        'Ask me what something is, let me calculate, or have me read a file by its path.',
    );
    if (opening !== undefined) await draft.say(`\n\nWhat it is about: ${opening.text} ${draft.cite(opening)}`);
  }

  async function perform(step: Step, task: Task): Promise<void> {
    if (step.kind === 'calculate') return workOut(step.expression, task);
    if (step.kind === 'introduce') return introduce(task);
    if (step.kind === 'research') return lookUp(library, step.question, task);
    if (step.question === undefined) return summarise(step.path, files, corpus, task);
    await task.voice.useTool('read_file', { path: step.path }, () => files.read(step.path));
    return lookUp(library, step.question, task, step.path);
  }

  return {
    async answer(question, voice) {
      const draft = createDraft(voice, pace);
      const steps = planFor(question);
      const thinkIn =
        (number: number) =>
        (reasoning: string): Promise<void> =>
          thinkAloud(reasoning, pace, voice.signal, (piece) =>
            voice.think(piece, number + 1, number / (steps.length + 1)),
          );
      await thinkIn(0)(`My plan: ${steps.map(intentionOf).join('; then ')}. `);
      for (const [position, step] of steps.entries()) {
        if (position > 0) await draft.say('\n\n');
        try {
          await perform(step, { voice, draft, think: thinkIn(position + 1) });
        } catch (error) {
          // A calculation that makes no sense, or a path that leads out, is something to tell. Without the file there is nothing to tell: the run fails.
          if (!isToolError(error) || error.code === 'FILE_NOT_FOUND') throw error;
          await thinkIn(position + 1)('The tool refused. I pass on why. ');
          await draft.say(error.message);
        }
      }
      return draft.finish();
    },
  };
}
