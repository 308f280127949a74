// A proxy as a child process: started until it listens, spoken to, ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { delimiter } from 'node:path';

/** Debian keeps servers where only root looks by default. */
const path = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter);

/** How long a proxy that was asked to end may take, in ms. */
const endMs = 5_000;

/** Between two looks whether it listens, in ms. */
const pauseMs = 20;

export interface ProxyProcess {
  signal(name: NodeJS.Signals): void;
  /** Asks it to end, and makes it. Resolves when it has. */
  end(): Promise<void>;
}

interface Spawned {
  readonly child: ChildProcess;
  /** Resolves when it has ended, with how, and what it said. */
  readonly exited: Promise<string>;
}

export interface ProxyStart {
  /** A folder of its own for whatever it writes. */
  readonly folder: string;
  /** Ports of loopback and sockets of the file system at which it listens once it has started. */
  readonly listensAt: readonly (number | string)[];
  /** Ends it, should nobody else do so: a test that ran out of time does not come to its end. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when it listens everywhere.
 *
 * @throws with its output when it does not start, and with the command that installs it when it is not there
 */
export async function startProxyProcess(
  name: string,
  args: readonly string[],
  { folder, listensAt, signal }: ProxyStart,
): Promise<ProxyProcess> {
  const { child, exited } = spawnProxy(name, args, folder, signal);
  for (const place of listensAt) if (!(await listens(place, child))) throw new Error(await exited);
  return {
    signal: (wanted) => void child.kill(wanted),
    async end() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Runs a command of the proxy to its end. @throws when it fails */
export async function runProxyCommand(
  name: string,
  args: readonly string[],
  { folder, signal }: Pick<ProxyStart, 'folder' | 'signal'>,
): Promise<void> {
  const { child, exited } = spawnProxy(name, args, folder, signal);
  const why = await exited;
  if (child.exitCode !== 0) throw new Error(why);
}

function spawnProxy(name: string, args: readonly string[], folder: string, signal: AbortSignal): Spawned {
  // What it would keep in the home of its user goes to its own folder.
  const env = { ...process.env, PATH: path, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(name, args, { cwd: folder, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(`${name} ended with ${code ?? signal}: ${output.slice(-2_000)}`));
    child.once('error', ({ message }) => {
      const command = `sudo apt-get install -y --no-install-recommends ${name}`;
      resolve(`${name} could not be started (${message}). On Debian or Ubuntu: ${command}`);
    });
  });
  return { child, exited };
}

/** Waits until somebody listens, or the process has ended: `false`. */
async function listens(place: number | string, child: ChildProcess): Promise<boolean> {
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place);
    const stands = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (stands) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  return false;
}
