// A service as it is deployed: a process of its own, made to stand behind one proxy. Says its port, and ends on SIGTERM.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { reportUsage } from '@throughline/compat/usage';
import { getWebSocketManager, type MessageHandler, startWebSocketService } from '@throughline/core';
import { startGoldenPath } from '@throughline-examples/golden-path';
import { testAuthenticator } from './test-service.js';

// What is deployed: `golden-path` (the example application), `canonical` (an agent of today), or the file of a module whose `onMessage` is the agent.
const [deployment = '', usageFile = ''] = process.argv.slice(2);
const service = { heartbeatMs: 1_000, trustProxy: 1 };

/** At the pace of a model. */
const words = 40;
const paceMs = 8;

const canonical: MessageHandler = async ({ id, thread_id, data }, userContext) => {
  const options = { agent_name: 'echo', thread_id, message_id: id };
  await getWebSocketManager(userContext).run(options, async (run) => {
    await run.thinking({ reasoning: JSON.stringify(data) });
    const tool = await run.toolExecuting({ tool_name: 'echo', parameters: { data } });
    await tool.completed({ results: data });
    for (let word = 0; word < words; word += 1) {
      run.text(`${word} `);
      await later(paceMs);
    }
  });
};

/** What was used is written down whenever an agent is done. */
function counted(onMessage: MessageHandler): MessageHandler {
  return async (message, userContext) => {
    await onMessage(message, userContext);
    usage.write();
  };
}

async function startExample(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-deployed-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'main.js'), 'export {};');
  const dataDirectory = join(folder, 'data');
  const running = await startGoldenPath({ port: 0, pageDirectory: folder, dataDirectory, service });
  return {
    port: Number(new URL(running.url).port),
    async close() {
      await running.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function startAgent(onMessage: MessageHandler): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((_, response) => response.writeHead(426).end());
  const running = await startWebSocketService({
    ...service,
    server,
    authenticate: testAuthenticator(),
    onMessage: counted(onMessage),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      await running.close();
      server.close();
    },
  };
}

async function agentOf(file: string): Promise<MessageHandler> {
  return ((await import(pathToFileURL(file).href)) as { readonly onMessage: MessageHandler }).onMessage;
}

const usage = reportUsage({ file: usageFile });
const deployed =
  deployment === 'golden-path'
    ? await startExample()
    : await startAgent(deployment === 'canonical' ? canonical : await agentOf(deployment));
usage.write();
process.once('SIGTERM', () => void deployed.close().then(() => process.exit(0)));
process.send?.({ port: deployed.port });
