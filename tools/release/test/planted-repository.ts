import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Files by path. A value that is no string is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** A repository with next to nothing in it: two packages, of which one needs the other, and a private workspace. */
export const SMALL: Files = {
  'package.json': { name: 'planted', version: '0.0.0', private: true, workspaces: ['packages/*', 'tools/*'] },
  'package-lock.json': { name: 'planted', lockfileVersion: 3, requires: true, packages: {} },
  '.changeset/config.json': {
    changelog: join(import.meta.dirname, '../src/changelog.mjs'),
    commit: false,
    fixed: [['@throughline/*']],
    linked: [],
    access: 'public',
    baseBranch: 'main',
    updateInternalDependencies: 'patch',
    ignore: [],
  },
  '.changeset/README.md': '# Changesets\n',
  'packages/base/package.json': {
    name: '@throughline/base',
    version: '1.0.0',
    license: 'MIT',
    exports: './dist/index.js',
    files: ['dist'],
  },
  'packages/base/src/index.ts': 'export const base = 1;\n',
  'packages/base/dist/index.js': 'export const base = 1;\n',
  'packages/base/test/index.test.ts': '\n',
  'packages/above/package.json': {
    name: '@throughline/above',
    version: '1.0.0',
    license: 'MIT',
    exports: './dist/index.js',
    files: ['dist'],
    dependencies: { '@throughline/base': '1.0.0' },
  },
  'packages/above/src/index.ts': 'export const above = 2;\n',
  'packages/above/dist/index.js': 'export const above = 2;\n',
  'tools/own/package.json': {
    name: '@throughline-tools/own',
    version: '0.0.0',
    private: true,
    dependencies: { '@throughline/above': '1.0.0' },
  },
};

/** A git repository in a folder that is gone after the test. */
export interface Planted {
  readonly root: string;
  git(...args: string[]): string;
  write(files: Files): void;
  /** Writes files and commits everything. */
  commit(files: Files): void;
}

/** A new folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-release-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function plant(files: Files = SMALL): Planted {
  const root = temporaryFolder();
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
      cwd: root,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const write = (more: Files): void => {
    for (const [path, content] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    }
  };
  const commit = (more: Files): void => {
    write(more);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'planted');
  };
  git('init', '--quiet', '--initial-branch=main');
  commit(files);
  return { root, git, write, commit };
}
