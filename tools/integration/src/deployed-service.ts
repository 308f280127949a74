// A deployed service and the mission suite, each a process of its own: what a team does with its staging.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoPassword } from '@throughline-examples/golden-path';

export interface DeployedService extends AsyncDisposable {
  readonly port: number;
  /** The burn-down of what is deprecated there. */
  readonly usage: string;
  [Symbol.asyncDispose](): Promise<void>;
}

const node = ['--conditions=@throughline/source', '--import', 'tsx'];
const cwd = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param deployment the example application, an agent of today, or the file of a module whose `onMessage` is the agent
 * @param signal ends it, should the test not come to its end
 */
export async function startDeployedService(
  deployment: 'golden-path' | 'canonical' | (string & {}),
  signal: AbortSignal,
): Promise<DeployedService> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-usage-'));
  const usage = join(folder, 'usage.json');
  const script = fileURLToPath(new URL('./deployed-process.ts', import.meta.url));
  const child = spawn(process.execPath, [...node, script, deployment, usage], {
    cwd,
    signal,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  child.once('error', () => {});
  const exited = once(child, 'exit').catch(() => []);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { readonly port: number }) => resolve(message.port));
    void exited.then(() => reject(new Error(`The deployed service did not start: ${output}`)));
  });
  return {
    port,
    usage,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

export interface Mission {
  /** Its exit code. */
  readonly code: number;
  /** What it wrote, to both. */
  readonly output: string;
  readonly report:
    | {
        readonly verdict: string;
        readonly checks: readonly { readonly name: string; readonly status: string; readonly detail?: string }[];
      }
    | undefined;
}

/** Names of the checks that came to this. */
export function checksThat({ report }: Mission, status: 'passed' | 'failed' | 'skipped'): string[] {
  return (report?.checks ?? []).filter((check) => check.status === status).map(({ name }) => name);
}

/** Runs `throughline-mission` as a process. The tokens are in its environment, as its documentation asks. */
export async function flyMission(args: readonly string[], tokens: readonly string[]): Promise<Mission> {
  const kit = dirname(fileURLToPath(import.meta.resolve('@throughline/test-kit/package.json')));
  const folder = await mkdtemp(join(tmpdir(), 'throughline-mission-'));
  const json = join(folder, 'mission.json');
  const [THROUGHLINE_TOKEN, THROUGHLINE_OTHER_TOKEN] = tokens;
  const env = { ...process.env, THROUGHLINE_TOKEN, THROUGHLINE_OTHER_TOKEN };
  const command = [...node, join(kit, 'src/mission/bin.ts'), ...args, '--json', json];
  const mission = await new Promise<Omit<Mission, 'report'>>((resolve) => {
    const child = execFile(process.execPath, command, { cwd, env }, (_, out, error) => {
      resolve({ code: child.exitCode ?? -1, output: out + error });
    });
  });
  const report = await readFile(json, 'utf8').catch(() => undefined);
  await rm(folder, { recursive: true });
  return { ...mission, report: report === undefined ? undefined : (JSON.parse(report) as Mission['report']) };
}

/** Logs in to the example as its page does, and asks for a token. @param site such as `http://127.0.0.1:8080` */
export async function logIn(site: string, name: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json', Origin: site, 'Sec-Fetch-Site': 'same-origin' };
  const login = await fetch(`${site}/api/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name, password: demoPassword }),
  });
  if (!login.ok) throw new Error(`The log-in was answered with ${login.status}: ${await login.text()}`);
  const cookie = login.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const answer = await fetch(`${site}/api/token`, { method: 'POST', headers: { ...headers, Cookie: cookie } });
  const { token } = (await answer.json()) as { readonly token: string };
  return token;
}
