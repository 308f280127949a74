// A service to send a mission to: the real one, with an agent that works for a while, and a way to call the command.
import { readFile } from 'node:fs/promises';
import { setTimeout as later } from 'node:timers/promises';
import { getWebSocketManager, type MessageHandler } from '@throughline/core';
import { startTestService, type TestService, type TestServiceOptions } from '../src/index.js';
import { runCommand } from '../src/mission/command.js';
import type { MissionReport } from '../src/mission/report.js';

/** An answer of this many pieces, at the pace of a model. */
const pieces = 40;
const paceMs = 8;

/** Says back what it was told, so that a planted secret is in every kind of event. */
const streamingAgent: MessageHandler = async ({ id, thread_id, data }, userContext) => {
  const { text } = data as { readonly text: string };
  const options = { agent_name: 'echo', thread_id, message_id: id };
  await getWebSocketManager(userContext).run(options, async (run) => {
    await run.thinking({ reasoning: `Somebody says: ${text}` });
    const tool = await run.toolExecuting({ tool_name: 'echo', parameters: { text } });
    await tool.completed({ results: { text } });
    for (let piece = 0; piece < pieces; piece += 1) {
      run.text(`${piece} ${text} `);
      await later(paceMs);
    }
    return { final_response: text };
  });
};

export interface MissionService extends AsyncDisposable {
  readonly service: TestService;
  readonly url: string;
  /** Of two users, as the environment has them. */
  readonly environment: Readonly<Record<string, string>>;
}

export async function startMissionService(options: TestServiceOptions = {}): Promise<MissionService> {
  const service = await startTestService({ heartbeatMs: 1_000, onMessage: streamingAgent, ...options });
  const [ada, bob] = [await service.user('ada'), await service.user('bob')];
  return {
    service,
    url: service.url,
    environment: { THROUGHLINE_TOKEN: ada.token, THROUGHLINE_OTHER_TOKEN: bob.token },
    [Symbol.asyncDispose]: () => service.close(),
  };
}

export interface Flight {
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly error: string;
}

/** Calls the command as its process does. */
export async function fly(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Flight> {
  let [out, error] = ['', ''];
  const code = await runCommand(args, {
    cwd: process.cwd(),
    environment,
    version: '0.0.0',
    now: () => performance.now(),
    today: () => new Date(),
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

export async function readReport(file: string): Promise<MissionReport> {
  return JSON.parse(await readFile(file, 'utf8')) as MissionReport;
}

/** Names of the checks that came to this. */
export function namesOf({ out }: Flight, status: 'passed' | 'failed' | 'skipped'): string[] {
  const mark = { passed: '✓', failed: '✗', skipped: '–' }[status];
  return [...out.matchAll(new RegExp(`^${mark} ([a-z0-9-]+)`, 'gm'))].map(([, name = '']) => name);
}
