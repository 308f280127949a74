// Compiles the processes: what is measured must be what would be published. A loader that compiles while it runs wraps
// functions in calls of its own, in our sources alone.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../../', import.meta.url);

/**
 * Sources of Throughline and of the bench go into one program each, libraries stay where they are.
 *
 * @param names of files in `src`
 * @returns a folder of this process alone, which goes with it
 */
export async function bundle(names: readonly string[]): Promise<URL> {
  const folder = new URL(`dist/${process.pid}/`, root);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: names.map((name) => fileURLToPath(new URL(`src/${name}.ts`, root))),
    outdir: fileURLToPath(folder),
    bundle: true,
    // Each peer's libraries are loaded by its own server alone.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@throughline/source'],
    external: ['ws', 'socket.io', 'jose'],
    sourcemap: true,
    logLevel: 'warning',
  });
  return folder;
}
