import type { ICruiseOptions, ICruiseResult, IDependency } from 'dependency-cruiser';
import type { CompiledRule } from './compile.js';
import type { Import } from './graph.js';

/** An import and the compiled rules that it breaks, by name. */
export interface CruisedImport extends Import {
  readonly broken: readonly string[];
}

/** What one cruise is asked for. */
export interface CruiseRequest {
  /** Absolute. */
  readonly root: string;
  /** Relative to the root. */
  readonly files: readonly string[];
  readonly rules: readonly CompiledRule[];
  /** Conditions of `exports` that come first. */
  readonly conditions: readonly string[];
  /** Absolute path of the tsconfig whose `paths` are followed. */
  readonly tsconfig?: string | undefined;
}

/** What was found, and what was not: a file without a row was not read. */
export interface Cruised {
  readonly modules: ReadonlyMap<string, readonly CruisedImport[]>;
  readonly problems: readonly string[];
}

/**
 * Files per call: the cruiser's own lists grow with the square of what one call is given, and it keeps the trees of all
 * of them. Each call costs 30 ms in which it looks at the rules.
 */
export const BATCH = 250;

/** Whether the cruiser can read TypeScript. It sees no `.ts` file and finds no fault where it cannot. */
export async function readsTypeScript(): Promise<boolean> {
  const { getAvailableTranspilers } = await import('dependency-cruiser');
  return getAvailableTranspilers().some(({ name, available }) => name === 'typescript' && available);
}

/** Reads one batch of files and resolves what they import, without following it. */
export async function cruiseBatch(request: CruiseRequest): Promise<Cruised> {
  try {
    return await cruiseOnce(request);
  } catch (error) {
    const { files } = request;
    const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
    // Anything else is no matter of one file: the rules were refused, or the cruiser is broken.
    if (!message.startsWith('Extracting dependencies')) throw error;
    if (files.length === 1) return { modules: new Map(), problems: [`${files[0]} could not be read: ${message}`] };
    // One file of the batch stopped the cruiser: the others are checked all the same.
    const middle = files.length >> 1;
    const halves = [files.slice(0, middle), files.slice(middle)];
    const found = [];
    for (const half of halves) found.push(await cruiseBatch({ ...request, files: half }));
    return {
      modules: new Map(found.flatMap(({ modules }) => [...modules])),
      problems: [...new Set(found.flatMap(({ problems }) => problems))],
    };
  }
}

async function cruiseOnce({ root, files, rules, conditions, tsconfig }: CruiseRequest): Promise<Cruised> {
  const resolve = {
    // What TypeScript does with an extension that is written as it will be. Without it each import is looked up twice.
    extensionAlias: {
      '.js': ['.ts', '.tsx', '.js', '.jsx', '.d.ts'],
      '.jsx': ['.tsx', '.jsx'],
      '.mjs': ['.mts', '.mjs', '.d.mts'],
      '.cjs': ['.cts', '.cjs', '.d.cts'],
    },
    ...(tsconfig ? { tsconfig: { configFile: tsconfig } } : {}),
  };
  // Loaded here, since it brings the compiler: that takes half a second, and what the cache knows needs neither.
  const { cruise } = await import('dependency-cruiser');
  const { output } = await cruise(files.map(literally), cruiseOptions(root, rules, conditions), resolve);
  const { modules, summary } = (typeof output === 'string' ? JSON.parse(output) : output) as ICruiseResult;
  const applied = summary.ruleSetUsed?.forbidden?.length ?? 0;
  const wanted = new Set(files);
  return {
    modules: new Map(
      modules
        .filter(({ source }) => wanted.has(source))
        .map(({ source, dependencies }) => [source, dependencies.map(importOf)] as const),
    ),
    problems: applied === rules.length ? [] : [`The cruiser applied ${applied} of ${rules.length} rules.`],
  };
}

/** The options with which modules are read. The preset uses them too. */
export function cruiseOptions(
  root: string,
  rules: readonly CompiledRule[],
  conditions: readonly string[],
): ICruiseOptions {
  return {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: [...rules] },
    skipAnalysisNotInRules: true,
    parser: 'tsc',
    tsPreCompilationDeps: true,
    detectJSDocImports: true,
    detectProcessBuiltinModuleCalls: true,
    combinedDependencies: true,
    moduleSystems: ['es6', 'cjs', 'tsd', 'amd'],
    doNotFollow: { path: ['.'] },
    exoticRequireStrings: [
      'require.resolve',
      'import.meta.resolve',
      'vi.mock',
      'vi.importActual',
      'vi.doMock',
      'jest.mock',
      'jest.requireActual',
      'module.require',
    ],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // Sources first: what a package opens is judged without a build, and a stale build cannot hide a change.
      conditionNames: [...conditions, 'types', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.d.ts', '.json'],
      mainFields: ['types', 'module', 'main'],
      cachedInputFileSystem: { cacheDuration: 60_000 },
    },
  };
}

function importOf(dependency: IDependency): CruisedImport {
  const kinds = dependency.dependencyTypes;
  return {
    // The cruiser keeps `node:` and its like apart.
    // Of `node:test` the cruiser says the scheme twice: that module has no name without it.
    specifier: `${dependency.protocol ?? ''}${dependency.module}`.replace(/^node:node:/, 'node:'),
    to: dependency.resolved,
    resolved: !dependency.couldNotResolve,
    typeOnly:
      dependency.typeOnly === true ||
      kinds.some((kind) => kind === 'type-only' || kind === 'type-import' || kind.startsWith('jsdoc')),
    kinds,
    broken: (dependency.rules ?? []).map(({ name }) => name),
  };
}

/** A path for the cruiser, which takes some letters in it for a pattern: `app/[id]/(admin)/page.tsx`. */
function literally(path: string): string {
  return path.replace(/[[\]{}()*?!+@]/g, (character) => (/[@!+]/.test(character) ? character : `[${character}]`));
}
