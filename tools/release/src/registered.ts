import type { Npm } from './npm.js';

/** What a registry has of one package. */
export interface Registered {
  readonly versions: readonly string[];
  /** What each tag points to. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Nothing when the registry does not know the name. */
export async function registered(npm: Npm, root: string, name: string): Promise<Registered> {
  const seen = await view<{ 'dist-tags'?: Registered['tags']; versions?: string | readonly string[] }>(npm, root, [
    name,
    'dist-tags',
    'versions',
  ]);
  // npm writes a list of one without its brackets.
  return { versions: [seen?.versions ?? []].flat(), tags: seen?.['dist-tags'] ?? {} };
}

/** The checksum of a version that is there. */
export async function registeredIntegrity(
  npm: Npm,
  root: string,
  name: string,
  version: string,
): Promise<string | undefined> {
  return view<string>(npm, root, [`${name}@${version}`, 'dist.integrity']);
}

async function view<Seen>(npm: Npm, root: string, args: readonly string[]): Promise<Seen | undefined> {
  try {
    const { stdout } = await npm(['view', ...args, '--json', '--prefer-online'], root);
    return stdout === '' ? undefined : (JSON.parse(stdout) as Seen);
  } catch (error) {
    if (/\bE404\b/.test((error as Error).message)) return undefined;
    throw error;
  }
}
