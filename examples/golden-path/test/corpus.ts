import { type Corpus, readCorpus, repositoryDirectory } from '../src/agent/corpus.js';
import { createPace } from '../src/agent/pace.js';
import { createResearcher, type Researcher } from '../src/agent/researcher.js';
import type { Voice } from '../src/agent/voice.js';

/** This repository, as the example reads it. */
export const readRepository = (): Promise<Corpus> => readCorpus(repositoryDirectory());

export const promptResearcher = (corpus: Corpus): Researcher =>
  createResearcher({ corpus, pace: createPace(Number.POSITIVE_INFINITY) });

/** One thing an agent did, in the order it did it. */
export type Said =
  | { readonly kind: 'thought'; readonly reasoning: string; readonly step: number; readonly progress: number }
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly results?: unknown;
      readonly error?: unknown;
    }
  | { readonly kind: 'text'; readonly text: string };

export interface Heard {
  readonly voice: Voice;
  readonly said: readonly Said[];
  readonly tools: readonly Extract<Said, { kind: 'tool' }>[];
  readonly text: string;
}

/** A voice that writes down what it hears. */
export function listen(signal: AbortSignal = new AbortController().signal): Heard {
  const said: Said[] = [];
  return {
    said,
    get tools() {
      return said.filter((item) => item.kind === 'tool');
    },
    get text() {
      return said.flatMap((item) => (item.kind === 'text' ? [item.text] : [])).join('');
    },
    voice: {
      signal,
      async think(reasoning, step, progress) {
        said.push({ kind: 'thought', reasoning, step, progress });
      },
      async useTool(name, parameters, work) {
        try {
          const results = work();
          said.push({ kind: 'tool', name, parameters, results });
          return results;
        } catch (error) {
          said.push({ kind: 'tool', name, parameters, error });
          throw error;
        }
      },
      say(text) {
        said.push({ kind: 'text', text });
      },
    },
  };
}
