// Brings the data of schema/deprecations.json to where code and editors read it: src/generated/deprecations.ts, and the words
// behind each `@deprecated` of the sources. A code written there is enough; what follows it comes from the data.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { Deprecation } from '../src/deprecation.js';
import { deprecatedText } from '../src/wording.js';
import { ledgerWith } from './code-ledger.js';

const root = new URL('../', import.meta.url);
const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(new URL(path, root), 'utf8'));
const { deprecations: all } = (await readJson('schema/deprecations.json')) as {
  readonly deprecations: readonly Deprecation[];
};
const codesFile = 'schema/deprecation-codes.json';
const ledger = ledgerWith((await readJson(codesFile)) as Readonly<Record<string, string>>, all);
await writeFile(new URL(codesFile, root), `${JSON.stringify(ledger, undefined, 2)}\n`);

const deprecations = all.filter(({ retired }) => retired === undefined);
const retired = all.filter((row) => row.retired !== undefined);
const rows = deprecations.map((row) => `  ${row.code}: ${JSON.stringify(row)},`).join('\n');
const codes = deprecations.map(({ code }) => `  | '${code}'`).join('\n');
await writeFile(
  new URL('src/generated/deprecations.ts', root),
  `// Generated from schema/deprecations.json by \`npm run generate\`. Do not edit.
import type { Deprecation } from '../deprecation.js';

/** The code of a row. */
export type DeprecationCode =
${codes};

/** Everything that is deprecated, or removed and still says so, by code. */
export const deprecations: Readonly<Record<DeprecationCode, Deprecation>> = {
${rows}
};

/** What is gone: their codes are never to be used again. */
export const retiredDeprecations: readonly Deprecation[] = ${JSON.stringify(retired)};
`,
);

const sources = new URL('src/', root);
for (const file of await readdir(sources)) {
  if (!file.endsWith('.ts')) continue;
  const text = await readFile(new URL(file, sources), 'utf8');
  const told = text.replaceAll(/@deprecated (TL_DEP\d{4})\b.*?(?=$| \*\/)/gm, (_, code: string) => {
    const row = deprecations.find((one) => one.code === code);
    if (row === undefined) throw new Error(`src/${file} names ${code}, which schema/deprecations.json does not have.`);
    return `@deprecated ${deprecatedText(row)}`;
  });
  if (told !== text) await writeFile(new URL(file, sources), told);
}
