// Programs as they were deployed, with legacy call sites: outside of this repository, where nothing new may import what is deprecated.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sends three legacy answers to a user, or with `canonical` one as it is done today, and says how many arrived. With `budget` a use is a failure. */
const program = `
import { createWebSocketManager } from '@throughline/compat';
import { reportUsage } from '@throughline/compat/usage';
import { WebSocketManager } from '@throughline/compat/websocket-manager';
import { getWebSocketManager } from '@throughline/core';
import { failOnDeprecation, startTestService } from '@throughline/test-kit';

const [way, usage] = process.argv.slice(2);
reportUsage({ file: usage, root: import.meta.dirname });
const budget = way === 'budget' ? failOnDeprecation({ max: 0 }) : undefined;
const service = await startTestService();
const ada = await service.user('ada');
const page = ada.client();
const thread_id = 't-1';
await page.live();
if (way === 'canonical') {
  await getWebSocketManager(ada.context).run({ agent_name: 'first', thread_id }, () => ({}));
  await page.next('agent_completed');
} else {
  // Twice from one line: it is one use.
  for (const name of ['first', 'second']) {
    const manager = createWebSocketManager(ada.context);
    await manager.emitAgentStarted({ name, thread_id });
    await manager.emitAgentCompleted({ result: name });
    await page.next('agent_completed');
  }
  const manager = new WebSocketManager(ada.context);
  await manager.emitAgentStarted({ name: 'third', thread_id });
  await manager.emitAgentCompleted({ result: 'third' });
  await page.next('agent_completed');
}
console.log(page.frames.filter(({ type }) => type === 'agent_completed').length + ' answers arrived');
await service.close();
await budget?.verify();
`;

/** The five events, at the pace of a model. */
const agent = `
import { setTimeout } from 'node:timers/promises';
import { createWebSocketManager } from '@throughline/compat';

export async function onMessage({ thread_id, data }, userContext) {
  const manager = createWebSocketManager(userContext);
  await manager.emitAgentStarted({ name: 'echo', thread_id });
  for (let thought = 0; thought < 40; thought += 1) {
    await manager.emitAgentThinking({ thought: thought + JSON.stringify(data) });
    await setTimeout(8);
  }
  await manager.emitToolExecuting({ name: 'echo', params: {} });
  await manager.emitToolCompleted({ name: 'echo', output: data });
  await manager.emitAgentCompleted({ result: 'done' });
}
`;

export interface LegacyPrograms extends AsyncDisposable {
  readonly folder: string;
  /** Run as `program <way> <usage file>`. */
  readonly program: string;
  /** A module with `onMessage`. */
  readonly agent: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function writeLegacyPrograms(): Promise<LegacyPrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-legacy-'));
  const files = { program: join(folder, 'program.mjs'), agent: join(folder, 'agent.mjs') };
  await symlink(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  await writeFile(files.program, program);
  await writeFile(files.agent, agent);
  return { folder, ...files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
