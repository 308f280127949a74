import { deepEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import semver from 'semver';
import { type Consumer, type RunningService, runClient, type ShownRun, startService } from './consumer.js';
import type { RegistryNotice } from './publish.js';

/** The legacy names that the legacy service of a consumer uses, by the entry that a row of the registry names. */
const LEGACY_NAMES: readonly (readonly [entry: string, symbol: string])[] = [
  ['./websocket-manager', 'WebSocketManager'],
  ['*', 'emitAgentStarted'],
  ['*', 'emitAgentThinking'],
  ['*', 'emitToolExecuting'],
  ['*', 'emitToolCompleted'],
  ['*', 'sendToThread'],
  ['*', 'emitAgentCompleted'],
];

/** What every page shows in the end, whatever became of its socket. */
const WHOLE = {
  status: 'succeeded',
  text: 'Costs fell by twelve percent.',
  final_response: 'Costs fell by twelve percent.',
  truncated: false,
  tools: ['sql'],
  types: ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'partial_result', 'agent_completed'],
  troubles: [],
};

/**
 * What npm said of our packages while it installed a version: every notice that is due for it, and no other. Gives them.
 *
 * @param said what npm wrote to stderr
 */
export function expectNotices(said: string, version: string, notices: readonly RegistryNotice[]): string[] {
  const due = notices.filter(({ range }) => semver.satisfies(version, range));
  const expected = due.map(({ name, message }) => `npm warn deprecated ${name}@${version}: ${message}`);
  const seen = said.split('\n').filter((line) => line.startsWith('npm warn deprecated @throughline/'));
  deepEqual(seen.sort(), expected.sort(), 'The notices of npm are not those that are due.');
  return expected;
}

/** Ask, watch, cut, resume, reload: the client of one consumer and the service of another. */
export async function checkGoldenPath(client: Consumer, service: Consumer): Promise<void> {
  await using running = await startService(service, 'service');
  expectWhole(await runClient(client, running.port));
}

/** The same through legacy names: every one of them is warned of, as the installed registry of deprecations says, and no other. */
export async function checkLegacyService(consumer: Consumer): Promise<readonly string[]> {
  await using running: RunningService = await startService(consumer, 'legacy-service');
  expectWhole(await runClient(consumer, running.port));
  const expected = await expectedWarnings(consumer);
  const warned = [...(await running.end())].sort();
  deepEqual(warned, expected, 'The warnings are not those of the registry of deprecations.');
  return warned;
}

function expectWhole(shown: readonly ShownRun[]): void {
  // Neighbouring pieces of text may arrive as one event.
  const joined = shown.map((one) => ({
    ...one,
    types: one.types.filter((type, index) => type !== 'partial_result' || one.types[index - 1] !== type),
  }));
  deepEqual(joined, [WHOLE, WHOLE], 'The pages do not show the whole answer.');
}

async function expectedWarnings({ folder }: Consumer): Promise<string[]> {
  const file = join(folder, 'node_modules/@throughline/compat/schema/deprecations.json');
  const { deprecations } = JSON.parse(await readFile(file, 'utf8')) as {
    deprecations: readonly { code: string; entry: string; symbol: string; pending?: true }[];
  };
  const used = deprecations.filter((row) => LEGACY_NAMES.some(([at, name]) => row.entry === at && row.symbol === name));
  if (used.length !== LEGACY_NAMES.length) throw new Error('The registry does not know every name that is used.');
  return used.flatMap(({ code, pending }) => (pending ? [] : [code])).sort();
}
