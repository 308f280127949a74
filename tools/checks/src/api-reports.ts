import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { type StepContext, type StepOutcome, verdict } from './step.js';
import { inTemporaryFolder } from './temporary-folder.js';
import { type Entry, entriesOf, readPublishedPackages, type Workspace } from './workspaces.js';

/** What an entry promises, in a form that a person can review: its declarations without their bodies and stories. */
export interface ApiReport {
  /** Relative to the root: `packages/core/etc/auth.api.md`. */
  readonly path: string;
  readonly text: string;
}

/** As somebody with every library reads our declarations. The source condition is missing: what is built is judged. */
const compilerOptions = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable', 'dom'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  declaration: true,
};

/**
 * A report of each entry of each published package, from what is built. One program reads them all: a program for each
 * would take a minute.
 *
 * @throws when an entry is not built, or its declarations cannot be read
 */
export async function apiReports(root: string): Promise<ApiReport[]> {
  return inTemporaryFolder(async (folder) => {
    const entries = readPublishedPackages(root).flatMap((one) =>
      entriesOf(one).map((entry) => ({
        path: reportOf(one, entry),
        config: configurationOf(root, folder, one, entry),
      })),
    );
    const [first, ...rest] = entries.map(({ config }) => config);
    if (first === undefined) return [];
    const compilerState = CompilerState.create(first, {
      additionalEntryPoints: rest.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
    });
    const reports: ApiReport[] = [];
    for (const { path, config } of entries) {
      await mkdir(config.reportFolder, { recursive: true });
      const troubles: string[] = [];
      const { succeeded } = Extractor.invoke(config, {
        compilerState,
        localBuild: true,
        messageCallback: (message) => {
          if (message.logLevel === ExtractorLogLevel.Error) troubles.push(message.formatMessageWithLocation(root));
          message.handled = true;
        },
      });
      if (!succeeded) throw new Error(`No report for ${path}:\n${troubles.join('\n')}`);
      const text = await readFile(join(config.reportFolder, basename(path)), 'utf8');
      reports.push({ path, text });
    }
    return reports;
  });
}

function reportOf({ folder, manifest }: Workspace, { specifier }: Entry): string {
  const subpath = specifier.slice(manifest.name.length + 1);
  return `${folder}/etc/${subpath === '' ? 'index' : subpath.replaceAll('/', '-')}.api.md`;
}

function configurationOf(root: string, folder: string, one: Workspace, entry: Entry): ExtractorConfig {
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const [projectFolder, types] = [join(root, one.folder), join(root, entry.types)];
  if (!existsSync(types)) throw new Error(`${entry.types} is not built. Run: npm run build`);
  const reportFolder = join(folder, one.folder);
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder,
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: basename(reportOf(one, entry), '.api.md'),
        reportFolder,
        reportTempFolder: join(folder, 'new', one.folder),
        includeForgottenExports: true,
        tagsToReport: { '@experimental': true },
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      // Documentation is judged elsewhere, and types by the compiler.
      messages: { compilerMessageReporting: silent, extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
  });
}

/** Fails when a committed report is not what the built entry says, and when it reports what is no entry any more. */
export async function checkApiReports({ root }: Pick<StepContext, 'root'>): Promise<StepOutcome> {
  const reports = await apiReports(root);
  const problems = await Promise.all(reports.map((report) => staleness(root, report)));
  const left = await leftReports(root, reports);
  return verdict(
    [...problems.flat(), ...left.map((path) => `${path} reports no entry. Run: npm run api`)],
    `${reports.length} entries`,
  );
}

/** Reports in the packages that are of no entry. */
export async function leftReports(root: string, reports: readonly ApiReport[]): Promise<string[]> {
  const wanted = new Set(reports.map(({ path }) => path));
  const folders = readPublishedPackages(root).map(({ folder }) => join(root, folder, 'etc'));
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  );
  return found
    .flat()
    .map((file) => relative(root, file).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.api.md') && !wanted.has(path));
}

async function staleness(root: string, { path, text }: ApiReport): Promise<string[]> {
  const committed = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (committed === undefined) return [`${path} is not there. Run: npm run api`];
  if (committed === text) return [];
  const [is, should] = [committed.split('\n'), text.split('\n')];
  const gone = is.filter((line) => !should.includes(line)).map((line) => `- ${line}`);
  const come = should.filter((line) => !is.includes(line)).map((line) => `+ ${line}`);
  const shown = [...gone, ...come].slice(0, SHOWN_LINES);
  return [[`${path} is not what the entry says. Review it, then run: npm run api`, ...shown].join('\n')];
}

/** Of a difference, so that a person sees where to look. */
const SHOWN_LINES = 20;
