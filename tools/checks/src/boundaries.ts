import { cruise, getAvailableTranspilers, type ICruiseResult, type IViolation } from 'dependency-cruiser';
import { type BoundaryRule, boundaryRules, LAYERS, type PackageEntries } from './boundary-rules.js';
import { isModule, listFiles } from './source-files.js';
import { type StepOutcome, verdict } from './step.js';
import { dataOf, entriesOf, readPublishedPackages, type Workspace } from './workspaces.js';

/** What tests replace in order to show that the check cannot pass by accident. */
export interface BoundaryPorts {
  /** Whether the cruiser can read TypeScript. It sees no `.ts` file and finds no fault where it cannot. */
  readonly readsTypeScript: () => boolean;
  readonly rules: (packages: readonly PackageEntries[]) => BoundaryRule[];
}

const PORTS: BoundaryPorts = {
  readsTypeScript: () => getAvailableTranspilers().some(({ name, available }) => name === 'typescript' && available),
  rules: boundaryRules,
};

/**
 * Holds every module of the repository against the rules. It calls the cruiser itself, since the exit code of its
 * command is a count that wraps at 256, and fails closed: on no modules, on a module that was not read, on a package
 * without a layer, on rules that were not applied.
 */
export async function checkBoundaries(root: string, ports: BoundaryPorts = PORTS): Promise<StepOutcome> {
  const packages = readPublishedPackages(root).map(packageEntries);
  const rules = ports.rules(packages);
  const files = ['packages', 'tools', 'examples'].flatMap((folder) => listFiles(root, folder)).filter(isModule);
  if (!ports.readsTypeScript()) return verdict(['The cruiser cannot read TypeScript: install typescript 6.'], '');
  const result = await cruiseModules(root, files, rules);
  const problems = [
    ...packages
      .filter(({ name }) => LAYERS[name] === undefined)
      .map(({ name }) => `packages/${name} has no layer: give it a row in LAYERS (boundary-rules.ts).`),
    ...whatWasNotChecked(result, files, rules),
    ...result.summary.violations.map((violation) => describe(violation, rules)),
  ];
  const { totalDependenciesCruised } = result.summary;
  return verdict(problems, `${files.length} modules, ${totalDependenciesCruised} imports, ${rules.length} rules`);
}

function packageEntries(workspace: Workspace): PackageEntries {
  const { name, dependencies = {} } = workspace.manifest;
  const scope = name.slice(0, name.indexOf('/') + 1);
  return {
    name: workspace.folder.slice('packages/'.length),
    entries: Object.fromEntries(
      [...entriesOf(workspace), ...dataOf(workspace)].map(({ specifier, source }) => [
        specifier.slice(scope.length),
        source,
      ]),
    ),
    declares: Object.keys(dependencies)
      .filter((dependency) => dependency.startsWith(scope))
      .map((dependency) => dependency.slice(scope.length)),
  };
}

async function cruiseModules(root: string, files: string[], rules: BoundaryRule[]): Promise<ICruiseResult> {
  const { output } = await cruise(files, {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: rules },
    outputType: 'json',
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    doNotFollow: { path: ['(^|/)node_modules/', '(^|/)dist/'] },
    exoticRequireStrings: ['require.resolve', 'import.meta.resolve', 'vi.mock', 'vi.importActual'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // Sources first: what a package opens is judged without a build, and a stale build cannot hide a change.
      conditionNames: ['@throughline/source', 'types', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
      mainFields: ['types', 'module', 'main'],
    },
  });
  return typeof output === 'string' ? (JSON.parse(output) as ICruiseResult) : output;
}

/** Reasons not to believe a result without violations. */
function whatWasNotChecked({ modules, summary }: ICruiseResult, files: string[], rules: BoundaryRule[]): string[] {
  const read = new Set(modules.map(({ source }) => source));
  const imports = modules.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
  const applied = summary.ruleSetUsed?.forbidden?.length ?? 0;
  return [
    ...(files.some((file) => /\.[cm]?tsx?$/.test(file))
      ? []
      : ['No TypeScript module was found: nothing was checked.']),
    ...files.filter((file) => !read.has(file)).map((file) => `${file} was not read: nothing is known about it.`),
    ...(imports === 0 ? ['No import was found in any module: they were not parsed.'] : []),
    ...(applied === 0 || applied !== rules.length ? [`${applied} of ${rules.length} rules were applied.`] : []),
  ];
}

function describe({ rule, from, to, cycle, via }: IViolation, rules: BoundaryRule[]): string {
  const path = (cycle ?? via)?.map(({ name }) => name).join(' → ') ?? to;
  const comment = rules.find(({ name }) => name === rule.name)?.comment ?? '';
  return `${rule.name}: ${from}${path === from ? '' : ` → ${path}`}\n  ${comment}`;
}
