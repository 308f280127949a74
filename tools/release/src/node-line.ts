import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { withoutNpm } from './npm.js';

/** A Node beside the one that runs here. */
export interface InstalledNode {
  /** Its program, absolute. */
  readonly program: string;
  /** As it says itself: `v24.21.0`. */
  readonly version: string;
}

/**
 * The Node of a folder with its own package.json, installed when it is not there yet. It is no workspace: npm would put its
 * program into the `.bin` that every npm script looks in first, and the tests would never again run on another.
 *
 * @throws when it does not run here (they are programs for Linux on x64), or is of another line than its folder says
 */
export async function installedNode(folder: string, print: (line: string) => void): Promise<InstalledNode> {
  const program = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(program)) {
    print(`installing Node ${folder.split('/').at(-1)}`);
    await execa('npm', ['ci'], { cwd: folder, stdin: 'ignore' });
  }
  const { stdout: version } = await execa(program, ['--version']);
  if (!version.startsWith(`v${folder.split('/').at(-1)}.`)) throw new Error(`${program} is Node ${version}.`);
  return { program, version };
}

/** Runs the tests with a Node, those that they start included. Gives the end of what vitest printed. */
export async function resultOn(
  { program }: InstalledNode,
  root: string,
  projects: readonly string[],
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const chosen = projects.flatMap((name) => ['--project', name]);
  const { exitCode, all } = await execa(
    program,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--allowOnly=false', ...chosen],
    {
      cwd: root,
      // Whatever a test starts as "node" is this one too.
      env: { ...withoutNpm(process.env), PATH: [dirname(program), process.env['PATH']].join(delimiter), NO_COLOR: '1' },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
    },
  );
  const lines = all.trimEnd().split('\n');
  return { ok: exitCode === 0, text: exitCode === 0 ? lines.slice(-4).join('\n') : all };
}
