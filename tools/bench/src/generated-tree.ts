import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files per package of a generated tree, and imports per file: about what this repository has. */
const PER_PACKAGE = 50;
const IMPORTS = 4;

/** Folders of the packages of a tree of this many modules. */
export function packagesOf(modules: number): string[] {
  return Array.from({ length: Math.ceil(modules / PER_PACKAGE) }, (_, index) => `p${index}`);
}

/**
 * Writes a repository of this many modules of about 50 lines: packages with entries, layered without a cycle, each
 * module importing neighbours below it and each entry the entry of a package below.
 */
export function generateTree(root: string, modules: number): void {
  const packages = packagesOf(modules).length;
  write(root, 'package.json', JSON.stringify({ name: 'generated', private: true, workspaces: ['packages/*'] }));
  for (let one = 0; one < packages; one += 1) {
    const folder = `packages/p${one}`;
    const dependencies = one > 0 ? { [`@generated/p${one - 1}`]: '1.0.0' } : {};
    const manifest = { name: `@generated/p${one}`, type: 'module', exports: { '.': './src/m0.ts' }, dependencies };
    write(root, `${folder}/package.json`, JSON.stringify({ ...manifest, version: '1.0.0', sideEffects: false }));
    const count = Math.min(PER_PACKAGE, modules - one * PER_PACKAGE);
    for (let module = 0; module < count; module += 1) {
      write(root, `${folder}/src/m${module}.ts`, source(one, module, count));
    }
  }
}

function source(one: number, module: number, count: number): string {
  const below = Array.from({ length: IMPORTS }, (_, index) => module + 1 + index * 3).filter((other) => other < count);
  const imports = below.map((other) => `import { type Shape${other}, make${other} } from './m${other}.js';`);
  if (module === 0 && one > 0) imports.push(`import { make0 as makeBelow } from '@generated/p${one - 1}';`);
  const bodies = Array.from({ length: 8 }, (_, index) => method(module, index));
  const used = [...below.map((other) => `make${other}`), ...(module === 0 && one > 0 ? ['makeBelow'] : [])];
  return [
    ...imports,
    '',
    `export interface Shape${module} {`,
    '  readonly name: string;',
    `  readonly parts: readonly [${below.map((other) => `Shape${other}?`).join(', ')}];`,
    '}',
    '',
    ...bodies,
    `export const make${module} = (): readonly unknown[] => [${used.join(', ')}];`,
    '',
  ].join('\n');
}

function method(module: number, index: number): string {
  return `/** Turns pieces into a line, number ${index}. */
export function line${module}of${index}(pieces: readonly string[], wanted: number = ${index}): string {
  const long = pieces.filter((piece) => piece.length > wanted).map((piece, at) => \`\${at}: \${piece}\`);
  return long.length === 0 ? 'nothing' : long.join(', ');
}
`;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
