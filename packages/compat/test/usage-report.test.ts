import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createWebSocketManager } from '../src/index.js';
import { type BurnDown, reportUsage } from '../src/usage.js';
import { rejectionOf, startLegacyService } from './legacy-service.js';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'burn-down-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as BurnDown;

test('S13 the burn-down has each calling line with its calls, relative to the root', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'usage', 'burn-down.json');
  const { contextOf } = await startLegacyService();
  const userContext = await contextOf('ada');
  const listeners = process.listenerCount('exit');
  {
    using report = reportUsage({ file, root: join(import.meta.dirname, '..') });
    const managers = [1, 2, 3].map(() => createWebSocketManager(userContext));
    report.write();
    const { used } = read(file);
    expect(used.find(({ code }) => code === 'TL_DEP0001')).toEqual({
      file: 'test/usage-report.test.ts',
      line: expect.any(Number),
      code: 'TL_DEP0001',
      symbol: 'createWebSocketManager',
      calls: 3,
    });
    await rejectionOf(managers[0]?.sendToUser('bob', { type: 'acme.note' }) as Promise<boolean>);
  }
  const { refused, lines, files, version } = read(file);
  expect({ version, lines, files }).toEqual({ version: 1, lines: 2, files: 1 });
  expect(refused).toMatchObject([{ symbol: 'sendToUser', calls: 1 }]);
  expect(readFileSync(file, 'utf8')).not.toMatch(/ada|bob/);
  expect(readdirSync(join(folder, 'usage'))).toEqual(['burn-down.json']);
  expect(process.listenerCount('exit')).toBe(listeners);
});

test.each([{ file: '' }, { file: 7 }, { file: 'a', root: '' }, {}])(
  'an option that is no path is refused: %j',
  (options) => {
    expect(() => reportUsage(options as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  },
);
