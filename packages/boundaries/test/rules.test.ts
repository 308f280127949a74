import { describe, expect, it } from 'vitest';
import { checkBoundaries, describeRules, floorPlan } from '../src/index.js';
import { type Files, installed, MONOREPO, plant, SERVICE } from './planted.js';
import { importing, type PlantedViolation } from './planted-violation.js';
import { IN_MONOREPO } from './violations-in-monorepo.js';
import { IN_SERVICE } from './violations-in-service.js';

async function broken(
  base: Files,
  { files, plan }: PlantedViolation,
): Promise<{ found: string[]; problems: readonly string[] }> {
  const root = plant({ ...base, ...files });
  const { violations, problems } = await checkBoundaries({ root, ...(plan ? { plan: floorPlan(plan) } : {}) });
  return { found: [...new Set(violations.map(({ rule, file }) => `${rule} ${file}`))].sort(), problems };
}

describe('rules of imports', () => {
  it.each(IN_SERVICE)('in a service find: $what (R19)', async (planted) => {
    expect(await broken(SERVICE, planted)).toEqual({ found: planted.breaks, problems: [] });
  });

  it.each(IN_MONOREPO)('in a monorepo find: $what (R19)', async (planted) => {
    expect(await broken(MONOREPO, planted)).toEqual({ found: planted.breaks, problems: [] });
  });

  it('have each a planted violation', () => {
    const found = new Set(
      [...IN_SERVICE, ...IN_MONOREPO].flatMap(({ breaks }) => breaks.map((one) => one.split(' ')[0])),
    );
    const unproved = describeRules().filter(({ name, reads }) => reads === 'imports' && !found.has(name));
    expect(unproved).toEqual([]);
  });

  it('name the line, what is wrong, why, and what to write instead', async () => {
    const root = plant({
      ...SERVICE,
      'src/answer.ts': "// first\nimport { it } from 'ws';\nexport const answer = it;\n",
    });
    const { violations } = await checkBoundaries({ root });
    expect(violations.find(({ rule }) => rule === 'one-owner')).toEqual({
      rule: 'one-owner',
      file: 'src/answer.ts',
      line: 2,
      column: 20,
      to: 'node_modules/ws/index.js',
      message: "'ws' is imported here, and @throughline/core alone may import ws.",
      why: expect.stringContaining('A second way to a live socket'),
      instead: expect.stringContaining(
        "import { getWebSocketManager, startWebSocketService } from '@throughline/core'",
      ),
    });
  });

  it('let the package that owns a dependency import it', async () => {
    const core = { name: '@throughline/core', version: '1.0.0', dependencies: { ws: '8.0.0' } };
    const root = plant({ 'package.json': core, 'src/socket.ts': importing('ws'), ...installed('ws') });
    expect(await checkBoundaries({ root })).toMatchObject({ violations: [], problems: [] });
  });
});
