// Makes src/generated/ from schema/events.schema.json: the types a producer sees and the checks an append runs.
import { readFile, writeFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { compile, type JSONSchema } from 'json-schema-to-typescript';

const root = new URL('../', import.meta.url);
const source = await readFile(new URL('schema/events.schema.json', root), 'utf8');
const banner = '// Generated from schema/events.schema.json by `npm run generate`. Do not edit.\n';

// A schema that only describes allows any JSON value.
const anything = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === 'description';
const described: unknown = JSON.parse(source, (_, value) =>
  anything(value) ? { ...value, tsType: 'unknown' } : value,
);
const types = await compile(described as JSONSchema, 'EventDataByType', {
  bannerComment: banner,
  additionalProperties: false,
  format: false,
  unknownAny: true,
});
await writeFile(new URL('src/generated/types.ts', root), types);

// Own properties only: what a class instance has from its prototype passes a check and is then missing in the JSON.
// strictRequired and strictTypes dislike `if`/`then` that speak of properties declared beside them.
const ajv = new Ajv({
  code: { source: true, esm: true },
  ownProperties: true,
  strictRequired: false,
  strictTypes: false,
});
const schema = JSON.parse(source) as { $id: string; properties: Record<string, unknown> };
ajv.addSchema(schema);
const references = Object.fromEntries(
  Object.keys(schema.properties).map((type) => [type, `${schema.$id}#/properties/${type}`]),
);
// Bundled, so that the published package needs no validation library at run time.
const bundle = await build({
  stdin: { contents: standaloneCode.default(ajv, references), resolveDir: new URL('.', root).pathname },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  write: false,
  legalComments: 'none',
});
const code = bundle.outputFiles[0]?.text ?? '';
const validators = code.replace(
  /export \{([^}]*)\};\s*$/,
  (_, names: string) =>
    `/** The validators by event type: predicates that leave their findings on themselves. */
export const validators: Readonly<Record<keyof import('./types.js').EventDataByType, {
  (data: unknown): boolean;
  readonly errors?: readonly { instancePath: string; keyword: string; message?: string; params: Record<string, unknown> }[] | null;
}>> = {${names.replace(/(\w+) as (\w+)/g, '$2: $1')}};\n`,
);
if (validators === code) throw new Error('The generated validators have no export list to turn into one object.');
await writeFile(new URL('src/generated/validators.ts', root), `${banner}// @ts-nocheck\n${validators}`);
