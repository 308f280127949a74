// A proxy as a child process: started until it listens, spoken to, ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { delimiter } from 'node:path';

/** Debian keeps servers where only root looks by default. */
const path = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter);

/** How long a proxy that was asked to end may take, in ms. */
const endMs = 5_000;

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

/**
 * Resolves when it listens at the port.
 *
 * @throws with its output when it does not start, and with the command that installs it when it is not there
 */
export async function startProxyProcess(
  name: string,
  args: readonly string[],
  { port, folder }: { readonly port: number; readonly folder: string },
): Promise<ProxyProcess> {
  const { child, exited } = spawnProxy(name, args, folder);
  const died = exited.then((why) => {
    throw new Error(why);
  });
  died.catch(() => {});
  await Promise.race([died, listening(port, child)]);
  return {
    signal: (signal) => void child.kill(signal),
    async end() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Runs a command of the proxy to its end. @throws when it fails */
export async function runProxyCommand(name: string, args: readonly string[], folder: string): Promise<void> {
  const { child, exited } = spawnProxy(name, args, folder);
  const why = await exited;
  if (child.exitCode !== 0) throw new Error(why);
}

function spawnProxy(name: string, args: readonly string[], folder: string): Spawned {
  // What it would keep in the home of its user goes to its own folder.
  const env = { ...process.env, PATH: path, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(name, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
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

/** Resolves when somebody listens at a port. Asks again and again, as long as the process lives. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const socket = connect(port, '127.0.0.1');
    const stands = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (stands) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 20);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
