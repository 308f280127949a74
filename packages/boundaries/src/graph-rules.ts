import type { GraphRule } from './rule.js';
import { noLibraryInLayer, noNodeInBrowserCode } from './rules/browser.js';
import { noBuiltFiles } from './rules/built-files.js';
import { noCycle, noCycleOfTypes } from './rules/cycles.js';
import { productionDeclaresWhatItImports } from './rules/declared.js';
import { noDeletedModule } from './rules/deleted.js';
import { noDeprecatedImport } from './rules/deprecated.js';
import { entriesOnly } from './rules/entries.js';
import { layersDownward } from './rules/layers.js';
import { leavesImportedByNobody } from './rules/leaves.js';
import { oneOwner } from './rules/owners.js';
import { nothingUnreachable } from './rules/reachable.js';
import { noRelativePathToAnotherPackage } from './rules/relative-paths.js';
import { standaloneStaysAlone } from './rules/standalone.js';
import { productionImportsNoTests } from './rules/tests.js';
import { noUnresolvable } from './rules/unresolvable.js';

/** All rules of the graph of imports. Each is a file in `rules`. */
export const graphRules: readonly GraphRule[] = [
  layersDownward,
  noCycle,
  noCycleOfTypes,
  entriesOnly,
  noRelativePathToAnotherPackage,
  noBuiltFiles,
  oneOwner,
  noDeletedModule,
  noDeprecatedImport,
  productionImportsNoTests,
  productionDeclaresWhatItImports,
  noNodeInBrowserCode,
  noLibraryInLayer,
  standaloneStaysAlone,
  leavesImportedByNobody,
  nothingUnreachable,
  noUnresolvable,
];
