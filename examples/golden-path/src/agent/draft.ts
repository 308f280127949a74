import type { Pace } from './pace.js';
import type { Passage } from './passages.js';
import type { Voice } from './voice.js';

/** Where something quoted stands. */
export type Source = Pick<Passage, 'path' | 'first_line' | 'last_line' | 'headings'>;

/** The answer while it is written: what is said is heard at once, what is cited is listed at the end. */
export interface Draft {
  say(text: string): Promise<void>;
  /** The mark to put behind a quotation, such as `[2]`; the same place keeps its number. */
  cite(source: Source): string;
  /** Lists the sources and gives the whole answer. */
  finish(): Promise<string>;
}

export function linesOf({ first_line, last_line }: Pick<Source, 'first_line' | 'last_line'>): string {
  return last_line > first_line ? `${first_line}-${last_line}` : `${first_line}`;
}

export function createDraft(voice: Voice, pace: Pace): Draft {
  const sources: Source[] = [];
  let text = '';
  const say = async (more: string): Promise<void> => {
    for await (const piece of pace.words(more, voice.signal)) {
      text += piece;
      voice.say(piece);
    }
  };
  return {
    say,
    cite(source) {
      const known = sources.findIndex(
        ({ path, first_line }) => path === source.path && first_line === source.first_line,
      );
      return `[${known === -1 ? sources.push(source) : known + 1}]`;
    },
    async finish() {
      const lines = sources.map((source, index) => {
        const heading = source.headings.at(-1);
        return `${index + 1}. \`${source.path}:${linesOf(source)}\`${heading === undefined ? '' : ` · ${heading}`}`;
      });
      if (lines.length > 0) await say(`\n\n**Sources**\n\n${lines.join('\n')}`);
      return text;
    },
  };
}
