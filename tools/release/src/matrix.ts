// npm run matrix [-- --node 24] [-- --project core]: runs the tests on every line of Node that we support, each at a pinned version.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { installedNode, resultOn } from './node-line.js';

const root = join(import.meta.dirname, '../../..');
const nodes = join(import.meta.dirname, '../nodes');
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Whether all tests pass on every line that is asked for. */
async function matrix(): Promise<boolean> {
  const { values } = parseArgs({
    options: { node: { type: 'string', multiple: true }, project: { type: 'string', multiple: true } },
  });
  const known = (await readdir(nodes)).sort();
  const lines = values.node ?? known;
  const unknown = lines.filter((line) => !known.includes(line));
  if (unknown.length > 0) throw new Error(`No line ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  if (!existsSync(join(root, 'node_modules/vitest'))) throw new Error('Nothing is installed here. Run: npm ci');
  // Some tests look at what is built.
  await execa('nx', ['run-many', '-t', 'build'], { cwd: root, preferLocal: true });
  const verdicts: string[] = [];
  let green = true;
  for (const line of lines) {
    const node = await installedNode(join(nodes, line), print);
    const { ok, text } = await resultOn(node, root, values.project ?? []);
    print(`Node ${node.version}\n${text}`);
    verdicts.push(`${node.version} ${ok ? 'passed' : 'FAILED'}`);
    green &&= ok;
  }
  print(verdicts.join(', '));
  return green;
}

try {
  if (!(await matrix())) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  print(`No matrix: ${(error as Error).message}`);
}
