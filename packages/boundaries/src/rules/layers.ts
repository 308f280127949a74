import type { Layer } from '../floor-plan.js';
import { entriesOf, type PackageEntry } from '../package-entries.js';
import { expressionOf, matcher } from '../pattern.js';
import type { Forbidden, GraphRule, Site } from '../rule.js';
import type { Workspace } from '../workspace.js';

/** Layers import downward only, and only what their row names. */
export const layersDownward: GraphRule = {
  name: 'layers-downward',
  why: 'A layer that knows what is above it can be understood, tested and replaced only together with it.',
  forbid: (site) => site.plan.layers.flatMap((layer) => forbiddenFor(layer, site)),
  explain({ from, to, typeOnly }, { plan }) {
    const lower = plan.layers.find(({ files }) => matcher(files)(from));
    const upper = plan.layers.find(({ files }) => matcher(files)(to));
    const may = allowedTo(lower, plan.layers);
    const name = upper?.name ?? to;
    const byType = !typeOnly && lower?.types?.some((entry) => entry === name || entry.startsWith(`${name}/`));
    return {
      message: `${lower?.name} imports ${name}${byType ? ', of which it may know types alone' : ''}.`,
      instead: byType
        ? `Write "import type", or move what runs to an entry that ${lower?.name} may import: ${may}.`
        : `${lower?.name} may import ${may}. Move what it needs down, or hand it in as an argument.`,
    };
  },
  judge({ plan, workspaces }) {
    if (plan.layers.length === 0) return [];
    const isIn = matcher([
      ...plan.layers.flatMap(({ files }) => files),
      ...plan.leaves.flatMap(({ folders }) => folders.map((folder) => `${folder}/**`)),
    ]);
    return workspaces
      .filter(
        ({ folder, manifest }) => folder !== '.' && manifest['private'] !== true && !isIn(`${folder}/src/index.ts`),
      )
      .map(({ folder, manifestPath }) => ({
        file: manifestPath,
        message: `${folder} has no layer, so nobody says what it may import.`,
        instead: `Give it a row in "layers" of the plan: { name: '${folder.split('/').at(-1)}', files: ['${folder}/**'], imports: [] }.`,
      }));
  },
};

function allowedTo(layer: Layer | undefined, layers: readonly Layer[]): string {
  const values = layer ? valuesOf(layer, layers) : [];
  const types = (layer?.types ?? []).map((entry) => `types of ${entry}`);
  return [...values, ...types].join(', ') || 'no other layer';
}

/** Without a row of its own a layer may import all that are listed before it. */
function valuesOf({ name, imports }: Layer, layers: readonly Layer[]): readonly string[] {
  return (
    imports ??
    layers
      .slice(
        0,
        layers.findIndex((one) => one.name === name),
      )
      .map((one) => one.name)
  );
}

function forbiddenFor(layer: Layer, site: Site): Forbidden[] {
  const { layers } = site.plan;
  const others = layers.filter(({ name }) => name !== layer.name);
  if (others.length === 0) return [];
  const values = valuesOf(layer, layers).flatMap((name) => filesOf(name, site));
  const types = (layer.types ?? []).flatMap((name) => filesOf(name, site)).filter((file) => !values.includes(file));
  const own = layer.files.map(expressionOf);
  const from = { path: own };
  const above = others.flatMap(({ files }) => files.map(expressionOf));
  return [
    { from, to: { path: above, pathNot: [...own, ...values, ...types] } },
    ...(types.length > 0
      ? [{ from, to: { path: types, pathNot: [...own, ...values], dependencyTypesNot: ['type-only' as const] } }]
      : []),
  ];
}

/** The files behind a name in a row: all of a layer, or one entry of the package that the layer is. */
function filesOf(name: string, { plan, workspaces }: Site): string[] {
  const layer = plan.layers.find((one) => name === one.name || name.startsWith(`${one.name}/`));
  if (layer === undefined) return [];
  if (name === layer.name) return layer.files.map(expressionOf);
  const isIn = matcher(layer.files);
  const specifiers = workspaces
    .filter(({ folder }) => isIn(`${folder}/package.json`))
    .map((workspace) => ({ workspace, specifier: workspace.name + name.slice(layer.name.length) }));
  return specifiers.flatMap(({ workspace, specifier }) => entryFiles(workspace, specifier).map(expressionOf));
}

function entryFiles(workspace: Workspace, specifier: string): readonly string[] {
  const opened: readonly PackageEntry[] = entriesOf(workspace) ?? [];
  return opened.find((entry) => entry.specifier === specifier)?.files ?? [];
}
