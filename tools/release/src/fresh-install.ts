import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Consumer, type ConsumerSettings, compile, createConsumer, install, node } from './consumer.js';

/** What everybody who installs a package finds in it. */
const PAPERS = ['LICENSE', 'README.md', 'CHANGELOG.md'];

/**
 * Installs all packages, given as npm takes them, and uses them in every way: compiles against them, resolves the types of
 * every entry as each kind of consumer does, imports every entry and requires it. Gives how many there are.
 */
export async function checkFreshInstall(
  consumer: Consumer,
  packages: readonly string[],
  others: readonly string[],
): Promise<number> {
  await install(consumer, [...packages, ...others]);
  await compile(consumer);
  const names = packages.map(nameOf);
  for (const name of names) {
    for (const paper of PAPERS) await access(join(consumer.folder, 'node_modules', name, paper));
  }
  const entries = await entriesOf(consumer, names);
  await resolveTypes(consumer, entries);
  await importAndRequire(consumer, entries);
  return entries.length;
}

/**
 * Installs each package alone, and loads its entries: beside others, an import that it does not declare may find what they
 * brought. Only what npm adds by itself is there.
 */
export async function checkEachAlone(
  parent: string,
  packages: readonly string[],
  settings: Omit<ConsumerSettings, 'layout'>,
): Promise<void> {
  for (const one of packages) {
    const name = nameOf(one);
    const consumer = await createConsumer(parent, `alone-${name.replace('/', '-')}`, { ...settings, layout: 'linked' });
    await install(consumer, [one]);
    await importAndRequire(consumer, await entriesOf(consumer, [name]));
  }
}

/** `@scope/name@1.0.0` without the version. */
function nameOf(one: string): string {
  return one.slice(0, one.lastIndexOf('@'));
}

async function entriesOf({ folder }: Consumer, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
      const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
      const opened = Object.keys(exports).filter((subpath) => !subpath.endsWith('.json'));
      return opened.map((subpath) => name + subpath.slice(1));
    }),
  );
  return found.flat();
}

/** Who resolves how: Node as it was and as it is, for modules of either kind, and bundlers. */
const RESOLUTIONS = [
  ['node16', 'node16', 'mts'],
  ['nodenext', 'nodenext', 'mts'],
  ['nodenext', 'nodenext', 'cts'],
  ['esnext', 'bundler', 'ts'],
] as const;

async function resolveTypes({ folder, signal }: Consumer, entries: readonly string[]): Promise<void> {
  for (const [module, moduleResolution, extension] of RESOLUTIONS) {
    const file = `entries.${extension}`;
    const lines = entries.map((entry, index) =>
      // TypeScript lets node16 require no module; nodenext knows that Node does.
      extension === 'cts'
        ? `import entry${index} = require('${entry}');\nexport type Entry${index} = typeof entry${index};`
        : `export type * as entry${index} from '${entry}';`,
    );
    await writeFile(join(folder, file), `${lines.join('\n')}\n`);
    // What others' declarations say of each other is theirs to mend; that ours resolve is asked here.
    const settings = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--types',
      'node',
    ];
    const program = join(folder, 'node_modules/typescript/bin/tsc');
    await node(folder, signal, [
      program,
      ...settings,
      '--module',
      module,
      '--moduleResolution',
      moduleResolution,
      file,
    ]);
  }
}

async function importAndRequire({ folder, signal }: Consumer, entries: readonly string[]): Promise<void> {
  const all = JSON.stringify(entries);
  await node(folder, signal, ['--input-type=module', '--eval', `for (const one of ${all}) await import(one);`]);
  await node(folder, signal, ['--input-type=commonjs', '--eval', `for (const one of ${all}) require(one);`]);
}
