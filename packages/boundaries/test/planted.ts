import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Files by path: text, bytes, a link, or else an object that is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

const LINKED = Symbol('linked');

/** A symbolic link to be planted. */
export function link(target: string): object {
  return { [LINKED]: target };
}

function targetOf(content: unknown): string | undefined {
  return typeof content === 'object' && content !== null && LINKED in content ? String(content[LINKED]) : undefined;
}

/** Writes the files into a new folder that is gone after the test, and gives its path. */
export function plant(files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-boundaries-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    const target = targetOf(content);
    if (target !== undefined) symlinkSync(target, join(root, path));
    else if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(join(root, path), content);
    else writeFileSync(join(root, path), JSON.stringify(content));
  }
  return root;
}

/** An installed package with one file. */
export function installed(name: string, folder = `node_modules/${name}`): Files {
  return {
    [`${folder}/package.json`]: { name, version: '1.0.0', type: 'module', exports: './index.js' },
    [`${folder}/index.js`]: 'export const it = 1;\n',
  };
}

/** A service of one package that breaks nothing. */
export const SERVICE: Files = {
  'package.json': {
    name: 'service',
    type: 'module',
    dependencies: { express: '5.0.0' },
    devDependencies: { vitest: '4.0.0', ws: '8.0.0' },
  },
  'src/main.ts':
    "import express from 'express';\nimport { answer } from './answer.js';\nexport const app = [express, answer];\n",
  'src/answer.ts': 'export const answer = 42;\n',
  'test/answer.test.ts':
    "import { it } from 'vitest';\nimport { WebSocket } from 'ws';\nimport { answer } from '../src/answer.js';\nexport const all = [it, WebSocket, answer];\n",
  ...installed('express'),
  ...installed('vitest'),
  ...installed('ws'),
};

/** A monorepo of two packages, the upper using the lower, that breaks nothing. */
export const MONOREPO: Files = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/*'] },
  'packages/lower/package.json': {
    name: '@acme/lower',
    version: '1.0.0',
    exports: { '.': './src/index.ts', './extra': './src/extra.ts' },
  },
  'packages/lower/src/index.ts': "export { inner } from './inner.js';\n",
  'packages/lower/src/inner.ts': 'export const inner = 1;\n',
  'packages/lower/src/extra.ts': "export { inner as extra } from './inner.js';\n",
  'packages/upper/package.json': {
    name: '@acme/upper',
    version: '1.0.0',
    exports: './src/index.ts',
    dependencies: { '@acme/lower': '1.0.0' },
  },
  'packages/upper/src/index.ts': "export { inner } from '@acme/lower';\nexport { extra } from '@acme/lower/extra';\n",
  'node_modules/@acme/lower': link('../../packages/lower'),
  'node_modules/@acme/upper': link('../../packages/upper'),
};
