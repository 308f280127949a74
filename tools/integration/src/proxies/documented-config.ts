// The configurations that docs/reverse-proxies.md shows are the ones that are tested.
import { readFileSync } from 'node:fs';

/** The code blocks of a language on that page, in order. @throws when there is none */
export function documentedBlocks(language: string): readonly string[] {
  const page = readFileSync(new URL('../../../../docs/reverse-proxies.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );
  if (blocks.length === 0) throw new Error(`docs/reverse-proxies.md shows no configuration in ${language}.`);
  return blocks;
}

/** What a test changes about a documented configuration: a text in it, and what stands there instead. */
export type Edit = readonly [documented: string, tested: string];

/** @throws when a text does not occur exactly once: then something else would be tested than what is documented */
export function edited(config: string, edits: readonly Edit[]): string {
  return edits.reduce((text, [documented, tested]) => {
    if (text.split(documented).length !== 2) throw new Error(`Once, and once only, should stand in it: ${documented}`);
    return text.replace(documented, () => tested);
  }, config);
}
