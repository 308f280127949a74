import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';

/** A registry of one's own, on loopback, with no way out: what was not published to it is not there. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
  /** Of its one user. It dies with the registry. */
  readonly token: string;
}

/** Not a workspace, so that nobody who works on the packages has to install a registry. */
const INSTALLATION = join(import.meta.dirname, '../registry');

/** Installs the registry's program, from the registry that npm is set up with, unless it is there. */
export async function installRegistry(print: (line: string) => void): Promise<void> {
  if (existsSync(join(INSTALLATION, 'node_modules/.package-lock.json'))) return;
  print('installing verdaccio');
  await execa('npm', ['ci'], { cwd: INSTALLATION, stdin: 'ignore' });
}

/** Starts it with an empty storage in `folder`, on a free port. */
export async function startRegistry(folder: string, signal: AbortSignal): Promise<LocalRegistry> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const file = join(folder, 'config.yaml');
  await writeFile(file, stringify(configuration));
  const program = join(INSTALLATION, 'node_modules/verdaccio/bin/verdaccio');
  const child = execa(process.execPath, [program, '--config', file, '--listen', `127.0.0.1:${port}`], {
    cwd: folder,
    stdin: 'ignore',
    all: true,
    // It tells its parent when it listens.
    ipc: true,
    cancelSignal: signal,
    reject: false,
  });
  const end = async () => {
    child.kill('SIGKILL');
    await child;
  };
  try {
    const ended = child.then(({ all }) => Promise.reject(new Error(`verdaccio ended:\n${all}`)));
    await Promise.race([child.getOneMessage(), ended]);
    ended.catch(() => undefined);
    return { url, token: await signUp(url), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

const configuration = {
  storage: './storage',
  auth: { htpasswd: { file: './htpasswd', max_users: 1, algorithm: 'bcrypt', rounds: 4 } },
  // No uplinks: a package that nobody published here does not exist.
  uplinks: {},
  packages: { '**': { access: '$all', publish: '$authenticated', unpublish: '$authenticated' } },
  max_body_size: '100mb',
  web: { enable: false },
  log: { type: 'stdout', format: 'pretty', level: 'warn' },
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function signUp(url: string): Promise<string> {
  const name = 'rehearsal';
  const answer = await fetch(`${url}-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: crypto.randomUUID() }),
  });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`verdaccio gave no token: ${answer.status}`);
  return token;
}
