import { link } from './planted.js';
import { importing, type PlantedViolation } from './planted-violation.js';

/** What can be wrong between packages. */
export const IN_MONOREPO: readonly PlantedViolation[] = [
  { what: 'nothing', files: {}, breaks: [] },
  {
    what: 'a relative path into another package',
    files: { 'packages/upper/src/index.ts': "export { inner } from '../../lower/src/index.js';\n" },
    breaks: ['no-relative-path-to-another-package packages/upper/src/index.ts'],
  },
  {
    what: 'a relative path inside another package',
    files: { 'packages/upper/src/index.ts': "export { inner } from '../../lower/src/inner.js';\n" },
    breaks: [
      'entries-only packages/upper/src/index.ts',
      'no-relative-path-to-another-package packages/upper/src/index.ts',
    ],
  },
  {
    what: 'an alias inside another package',
    files: {
      'tsconfig.json': { compilerOptions: { paths: { '@lower/*': ['./packages/lower/src/*'] } } },
      'packages/upper/src/index.ts': "export { inner } from '@lower/inner.js';\n",
    },
    breaks: ['entries-only packages/upper/src/index.ts'],
  },
  {
    what: "an alias of the package's own tsconfig inside another package",
    files: {
      'packages/upper/tsconfig.json': { compilerOptions: { paths: { '@lower/*': ['../lower/src/*'] } } },
      'packages/upper/src/index.ts': "export { inner } from '@lower/inner.js';\n",
    },
    breaks: ['entries-only packages/upper/src/index.ts'],
  },
  {
    what: 'an alias to the entry of another package',
    files: { 'tsconfig.json': { compilerOptions: { paths: { '@acme/lower': ['./packages/lower/src/index.ts'] } } } },
    breaks: [],
  },
  {
    what: 'a subpath that is not opened',
    files: { 'packages/upper/src/index.ts': "export { inner } from '@acme/lower/inner';\n" },
    breaks: ['no-unresolvable packages/upper/src/index.ts'],
  },
  {
    what: 'an undeclared sibling',
    files: {
      'packages/lower/src/inner.ts': "export type { inner as other } from '@acme/upper';\nexport const inner = 1;\n",
    },
    breaks: ['production-declares-what-it-imports packages/lower/src/inner.ts'],
  },
  {
    what: 'a package without a layer',
    plan: { layers: [{ name: 'lower', files: ['packages/lower/**'] }] },
    files: {},
    breaks: ['layers-downward packages/upper/package.json'],
  },
  {
    what: 'more than the entry that a row names',
    plan: {
      layers: [
        { name: 'lower', files: ['packages/lower/**'] },
        { name: 'upper', files: ['packages/upper/**'], imports: ['lower/extra'] },
      ],
    },
    files: {},
    breaks: ['layers-downward packages/upper/src/index.ts'],
  },
  {
    what: 'a tool that is imported',
    plan: { leaves: [{ folders: ['tools/*'] }] },
    files: {
      'tools/make/package.json': { name: 'make', exports: './index.ts' },
      'tools/make/index.ts': 'export const used = 1;\n',
      'packages/lower/src/inner.ts': "export { used as inner } from '../../../tools/make/index.js';\n",
    },
    breaks: [
      'leaves-imported-by-nobody packages/lower/src/inner.ts',
      'production-imports-no-tests packages/lower/src/inner.ts',
    ],
  },
  {
    what: 'a sibling that pnpm lists',
    files: {
      'package.json': { name: 'planted', private: true },
      'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n",
      'packages/upper/src/index.ts': "export { inner } from '../../lower/src/inner.js';\n",
    },
    breaks: [
      'entries-only packages/upper/src/index.ts',
      'no-relative-path-to-another-package packages/upper/src/index.ts',
    ],
  },
  {
    what: 'a file with letters that mean something to patterns',
    files: { 'packages/upper/src/app/[id]/(admin)/page+{a}.ts': importing('../../../../../lower/src/inner.js') },
    breaks: [
      'entries-only packages/upper/src/app/[id]/(admin)/page+{a}.ts',
      'no-relative-path-to-another-package packages/upper/src/app/[id]/(admin)/page+{a}.ts',
    ],
  },
  {
    what: 'a folder that is linked twice',
    files: {
      'packages/upper/src/again': link('../../lower/src'),
      'packages/upper/src/index.ts': "export { inner } from './again/inner.js';\n",
    },
    breaks: [
      'entries-only packages/upper/src/index.ts',
      'no-relative-path-to-another-package packages/upper/src/index.ts',
    ],
  },
];
