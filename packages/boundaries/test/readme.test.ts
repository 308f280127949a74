import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeRules } from '../src/index.js';
import { plant, SERVICE } from './planted.js';
import { run } from './ports.js';

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

describe('the README', () => {
  it('has every rule, and no other', () => {
    const rows = README.split('\n').filter(
      (line) => /^\| `[a-z-]+`(, `[a-z-]+`)* \| /.test(line) && line.includes('-'),
    );
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name]) => name),
    );
    expect(new Set(named)).toEqual(new Set(describeRules().map(({ name }) => name)));
  });

  it.each(['check', 'burn-down'])('has every option of %s', async (command) => {
    const { out } = await run(plant(SERVICE), [command, '--help']);
    const options = [...out.matchAll(/ (--[a-z-]+)/g)]
      .map(([, option = '']) => option)
      .filter((option) => option !== '--help');
    expect(options.length).toBeGreaterThan(4);
    expect(options.filter((option) => !README.includes(`  ${option} `))).toEqual([]);
  });

  it('shows a plan that is one', async () => {
    const [, plan = ''] = README.split("import { floorPlan } from '@throughline/boundaries';\n");
    const [text = ''] = plan.split('```');
    const files = { ...SERVICE, 'throughline.boundaries.mjs': text.replace('floorPlan({', '({') };
    expect(await run(plant(files), ['check'])).toMatchObject({ exitCode: 0, error: '' });
  });
});
