import { describe, expect, it } from 'vitest';
import { parseFile } from '../src/parsed-file.js';
import { secondOpinion } from '../src/second-opinion.js';

const TEXT = `import './one.js';
export { two } from './two.js';
export * from './three.js';
export const later = () => import('./four.js');
export const computed = (name: string) => import(name);
`;

const imported = (specifier: string) => ({ specifier, to: specifier, resolved: true, typeOnly: false, kinds: [] });

describe('the second opinion', () => {
  const specifiers = ['./one.js', './two.js', './three.js', './four.js'];

  it('agrees where the cruiser saw every import', () => {
    expect(secondOpinion(parseFile('a.ts', TEXT), specifiers.map(imported))).toEqual([]);
  });

  it.each(specifiers)('names %s where the cruiser did not see it', (missing) => {
    const seen = specifiers.filter((one) => one !== missing).map(imported);
    expect(secondOpinion(parseFile('a.ts', TEXT), seen)).toEqual([
      `a.ts: the cruiser did not see the import of '${missing}'.`,
    ]);
  });
});
