import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkBoundaries, type Verdict } from '../../src/check.js';
import type { FloorPlan } from '../../src/floor-plan.js';

/** A small repository: what is installed, and the files by path. `package.json` is written where none is given. */
export interface Planted {
  readonly installs?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** Checks a repository as the command would. */
export async function checkPlanted({ installs = [], files }: Planted, plan?: FloorPlan): Promise<Verdict> {
  const root = mkdtempSync(join(tmpdir(), 'planted-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  try {
    write('package.json', manifest('shop', installs));
    for (const name of installs) {
      write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: '1.0.0', type: 'module', exports: { '.': './index.js', './*': './index.js' } }),
      );
      write(`node_modules/${name}/index.js`, 'export {};\n');
    }
    for (const [path, text] of Object.entries(files)) write(path, text);
    return await checkBoundaries({ root, ...(plan ? { plan } : {}) });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The text of a manifest. */
export function manifest(
  name: string,
  installs: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  const dependencies = Object.fromEntries(installs.map((one) => [one, '1.0.0']));
  return JSON.stringify({ name, version: '1.0.0', private: true, type: 'module', dependencies, ...more }, undefined, 2);
}

/** What a verdict says, in one list that a failing test can show. */
export function told({ violations, problems }: Verdict): string[] {
  return [
    ...violations.map(({ rule, file, line, message }) => `${rule}: ${file}:${line ?? '-'} ${message}`),
    ...problems,
  ];
}
