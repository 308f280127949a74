import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Npm, withoutNpm } from './npm.js';

/** What a consumer needs beside our packages, to write and compile its service. */
export const CONSUMERS_TOOLS: readonly string[] = ['jose', 'ws', 'typescript', '@types/node', '@types/ws'];

/** Somebody else's folder, with our packages from a registry. */
export interface Consumer {
  readonly name: string;
  readonly folder: string;
  readonly npm: Npm;
  readonly signal: AbortSignal;
}

/** What a client has seen when all is over. */
export interface ShownRun {
  readonly status: string;
  readonly text: string;
  readonly final_response: unknown;
  readonly truncated: boolean;
  readonly tools: readonly string[];
  readonly types: readonly string[];
  readonly troubles: readonly string[];
}

/** A service of a consumer. To dispose of it is to end it. */
export interface RunningService extends AsyncDisposable {
  readonly port: number;
  /** Ends it, and gives the codes of the deprecations that it was warned of, in order. */
  end(): Promise<readonly string[]>;
}

export interface ConsumerSettings {
  readonly npm: Npm;
  readonly signal: AbortSignal;
  /** `linked` lets each package see what it declares and nothing else. */
  readonly layout: 'linked' | 'hoisted';
  /** The repository of the version that the consumer was written for: its sources are used. */
  readonly writtenFor: string;
}

/** An empty folder with the sources of a service and a client in it. */
export async function createConsumer(
  parent: string,
  name: string,
  { npm, signal, layout, writtenFor }: ConsumerSettings,
): Promise<Consumer> {
  const folder = join(parent, name);
  await mkdir(join(folder, 'src'), { recursive: true });
  await writeFile(join(folder, '.npmrc'), `install-strategy=${layout}\n`);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  const sources = join(writtenFor, 'tools/release/src');
  for (const file of await readdir(sources)) {
    if (file.startsWith('consumer-')) await cp(join(sources, file), join(folder, 'src', file));
  }
  return { name, folder, npm, signal };
}

const compilerOptions = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  // Our declarations are judged too.
  skipLibCheck: false,
  rootDir: 'src',
  outDir: 'dist',
};

/** Installs packages (`name` or `name@version`) and gives what npm warned of. */
export async function install({ npm, folder }: Consumer, packages: readonly string[]): Promise<string> {
  const { stderr } = await npm(['install', '--save-exact', ...packages], folder);
  return stderr;
}

/** Compiles the sources, as a service and as what a bundler would see. */
export async function compile({ folder, signal }: Consumer): Promise<void> {
  const tsc = join(folder, 'node_modules/typescript/bin/tsc');
  const bundled = ['--noEmit', '--module', 'esnext', '--moduleResolution', 'bundler'];
  for (const args of [[], bundled]) await node(folder, signal, [tsc, ...args]);
}

/** Starts one of its services and waits until it serves. */
export async function startService(
  { name, folder, signal }: Consumer,
  kind: 'service' | 'legacy-service' | 'mission-service',
): Promise<RunningService> {
  const settings = { ...surroundings(folder, signal), reject: false } as const;
  const child = execa(process.execPath, [`dist/consumer-${kind}.js`], settings);
  const codes: string[] = [];
  let serving = (_port: number): void => undefined;
  const started = new Promise<number>((resolve) => {
    serving = resolve;
  });
  const read = async (): Promise<void> => {
    for await (const line of child) {
      const said = JSON.parse(line) as { port?: number; code?: string };
      if (said.port !== undefined) serving(said.port);
      if (said.code !== undefined) codes.push(said.code);
    }
  };
  const over = read();
  const end = async (): Promise<readonly string[]> => {
    child.kill('SIGKILL');
    await over;
    await child;
    return codes;
  };
  const failed = over.then(async () => {
    throw new Error(`The ${kind} of ${name} ended: ${(await child).stderr}`);
  });
  const port = await Promise.race([started, failed]);
  failed.catch(() => undefined);
  return { port, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

/** Runs its client against a service, whoever that belongs to. */
export async function runClient({ folder, signal }: Consumer, port: number): Promise<readonly ShownRun[]> {
  return JSON.parse(await node(folder, signal, ['dist/consumer-client.js', `${port}`])) as ShownRun[];
}

/** Runs Node and gives what it printed. */
export async function node(folder: string, signal: AbortSignal, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, args, { ...surroundings(folder, signal), timeout: LIMIT_MS });
  return stdout;
}

/** What hangs has failed, in milliseconds: each of these takes seconds. */
const LIMIT_MS = 120_000;

/** How a consumer runs something of its own: in its folder, and with nothing of npm's settings. */
export function surroundings(folder: string, signal: AbortSignal) {
  return {
    cwd: folder,
    env: withoutNpm(process.env),
    extendEnv: false,
    stdin: 'ignore',
    cancelSignal: signal,
  } as const;
}
