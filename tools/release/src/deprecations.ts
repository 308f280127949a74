import { execa } from 'execa';
import type { RegistryNotice } from './publish.js';

/** The section of a changelog about deprecations, as the registry of deprecations has it. */
export async function deprecationsSection(root: string, version: string, previous: string): Promise<string> {
  return ask(root, 'changelog', version, previous);
}

/** The notices that are due once a version is out. */
export async function noticesFor(root: string, version: string): Promise<RegistryNotice[]> {
  const lines = (await ask(root, 'notices', version)).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [, name, range, message] = /^npm deprecate '(@?[^@']+)@([^']+)' '([^']+)'$/.exec(line) ?? [];
    if (name === undefined || range === undefined || message === undefined) throw new Error(`No notice: ${line}`);
    return { name, range, message };
  });
}

async function ask(root: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa('npm', ['run', '--silent', 'deprecations', '--', ...args], { cwd: root });
  return stdout;
}
