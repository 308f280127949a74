import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDeprecations } from './deprecation-rows.js';
import { deprecationsPage } from './deprecations-page.js';
import { importRegistry, importRegistryPage } from './import-registry.js';
import { type StepContext, type StepOutcome, verdict } from './step.js';
import { removingMajors, upgradeGuide } from './upgrade-guide.js';

/** A page that is made from what the packages say of themselves. */
export interface GeneratedDocument {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

/** All pages that are generated, as they should be. */
export function generatedDocuments(root: string): GeneratedDocument[] {
  const registry = importRegistry(root);
  const deprecations = readDeprecations(root);
  return [
    { path: 'docs/deprecations.md', text: deprecationsPage(deprecations) },
    { path: 'docs/import-registry.md', text: importRegistryPage(registry) },
    { path: 'docs/import-registry.json', text: `${JSON.stringify(registry, undefined, 2)}\n` },
    ...removingMajors(deprecations).map((major) => ({
      path: `docs/upgrading-${major}.md`,
      text: upgradeGuide(deprecations, major),
    })),
  ];
}

/** Fails when a generated page is not what its sources say. */
export async function checkDocuments({ root }: Pick<StepContext, 'root'>): Promise<StepOutcome> {
  const documents = generatedDocuments(root);
  const problems = await Promise.all(documents.map((document) => staleness(root, document)));
  return verdict(
    problems.flatMap((problem) => (problem === undefined ? [] : [`${problem}\nRun: npm run documents`])),
    documents.map(({ path }) => path).join(', '),
  );
}

async function staleness(root: string, { path, text }: GeneratedDocument): Promise<string | undefined> {
  const committed = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (committed === undefined) return `${path} is generated, but not there.`;
  if (committed === text) return undefined;
  const [is, should] = [committed, text].map((one) => one.split('\n')) as [string[], string[]];
  const line = should.findIndex((one, index) => one !== is[index]);
  const at = line === -1 ? should.length : line;
  return `${path}:${at + 1} is not what its source says:\n- ${is[at] ?? ''}\n+ ${should[at] ?? ''}`;
}
