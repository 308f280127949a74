import type { FloorPlanOptions } from '../src/index.js';
import type { Files } from './planted.js';

/** A change of a clean project, and what must be found. */
export interface PlantedViolation {
  readonly what: string;
  readonly files: Files;
  readonly plan?: FloorPlanOptions;
  /** Rule and file of every violation, and no other may be there. */
  readonly breaks: readonly string[];
}

/** A module that imports something. */
export const importing = (specifier: string): string => `import '${specifier}';\nexport const used = 1;\n`;
