import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** What came of an npm command that succeeded. */
export interface NpmResult {
  readonly stdout: string;
  /** Warnings are here, npm's notices of deprecation among them. */
  readonly stderr: string;
}

/** Runs npm against one registry. Rejects, with all that npm said, when npm fails. */
export type Npm = (args: readonly string[], cwd: string) => Promise<NpmResult>;

/** The flags that outrank whatever any `.npmrc` says of registries, that of the scope included. */
function towards(registry: string): string[] {
  return [`--registry=${registry}`, `--@throughline:registry=${registry}`];
}

/** Commands that change what a registry has, for which it may ask a person to prove that it is one. */
const ASKING = ['publish', 'dist-tag', 'deprecate'];

/**
 * npm as its user has set it up, for `registry` alone. In front of a person, npm may ask for a second factor.
 *
 * @param token a token of that registry; without it: the user's own log-in
 * @param atTerminal whether a person can be asked
 */
export function usersNpm(registry: string, token: string | undefined, atTerminal: boolean): Npm {
  const env = { ...process.env, ...(token !== undefined && credential(registry, token)) };
  return (args, cwd) => {
    const all = [...args, ...towards(registry)];
    return atTerminal && ASKING.includes(args[0] ?? '')
      ? askThroughNpm(all, cwd, env)
      : runNpm(all, cwd, env, undefined);
  };
}

/** npm asks nothing unless all of the terminal is its own. What it says is seen there, and by nobody else. */
async function askThroughNpm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<NpmResult> {
  await execa('npm', args, { cwd, env, extendEnv: false, stdio: 'inherit' });
  return { stdout: '', stderr: '' };
}

/** How npm takes a token without a file that keeps it or an argument that everybody on the machine can read. */
function credential(registry: string, token: string): NodeJS.ProcessEnv {
  const { host, pathname } = new URL(registry);
  return { [`npm_config_//${host}${pathname}:_authToken`]: token };
}

/**
 * npm in a home of its own: nothing of its user's settings, log-ins or cache, and no way to anything but loopback,
 * since whatever is not local is sent to a proxy that does not exist.
 */
export async function loopbackNpm(
  registry: string,
  token: string,
  home: string,
  signal: AbortSignal,
): Promise<{ readonly npm: Npm; readonly env: NodeJS.ProcessEnv }> {
  const temporary = join(home, 'tmp');
  await mkdir(temporary, { recursive: true });
  const settings = [
    `registry=${registry}`,
    `cache=${join(home, 'cache')}`,
    // The port of the discard service: nobody listens.
    'proxy=http://127.0.0.1:9/',
    'https-proxy=http://127.0.0.1:9/',
    'noproxy=127.0.0.1,localhost',
    'fetch-retries=0',
    'audit=false',
    'fund=false',
    'update-notifier=false',
  ];
  const file = join(home, '.npmrc');
  await writeFile(file, `${settings.join('\n')}\n`);
  const env = {
    ...withoutNpm(process.env),
    ...credential(registry, token),
    // A shell hands down no variable with such a name: a release is given the token in its own.
    NPM_TOKEN: token,
    HOME: home,
    // What is killed tidies nothing up.
    TMPDIR: temporary,
    npm_config_userconfig: file,
    npm_config_globalconfig: join(home, 'no-global-npmrc'),
  };
  return { npm: (args, cwd) => runNpm([...args, ...towards(registry)], cwd, env, signal), env };
}

/** An npm script hands its settings down in variables, which would outrank the file. */
export function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !/^(npm_|https?_proxy$|no_proxy$|NODE_OPTIONS$)/i.test(name));
  return Object.fromEntries(own);
}

async function runNpm(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<NpmResult> {
  const { stdout, stderr } = await execa('npm', args, {
    cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    ...(signal && { cancelSignal: signal }),
  });
  return { stdout, stderr };
}
