import sarif from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { plant, SERVICE } from './planted.js';
import { run } from './ports.js';

const { $schema: _draft, id: _id, ...schema } = sarif as { $schema: string; id: string };
// Of draft 4, whose words in it later drafts have as well.
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

const BAD = {
  ...SERVICE,
  'package.json': { name: 'service', dependencies: { express: '5', ws: '8' } },
  'src/my wrong#1.ts': "import 'ws';\n",
  'src/bad.ts': 'export const = ;\n',
  'throughline.boundaries.baseline.json': { version: 1, known: [{ file: 'src/gone.ts', rule: 'no-cycle' }] },
};

describe('SARIF', () => {
  it.each([
    ['a clean project', SERVICE],
    ['violations, problems and rows that are gone', BAD],
  ])('is valid by its schema for %s', async (_, files) => {
    const { out } = await run(plant(files), ['check', '--format', 'sarif']);
    expect(validate(JSON.parse(out)) ? [] : validate.errors).toEqual([]);
  });

  it('would not be valid otherwise', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false);
  });

  it('says where, which rule, and that the verdict is not complete', async () => {
    const { exitCode, out } = await run(plant(BAD), ['check', '--format', 'sarif']);
    const [reported] = JSON.parse(out).runs;
    expect(exitCode).toBe(2);
    expect(reported.invocations[0].executionSuccessful).toBe(false);
    expect(reported.invocations[0].toolExecutionNotifications[0].message.text).toContain('src/bad.ts:1:14');
    const [first, gone] = reported.results;
    expect(first.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'src/my%20wrong%231.ts', uriBaseId: 'SRCROOT' },
      region: { startLine: 1, startColumn: 8 },
    });
    expect(reported.tool.driver.rules[first.ruleIndex].id).toBe('one-owner');
    expect(gone).toMatchObject({ ruleId: 'no-cycle', message: { text: expect.stringContaining('--write-baseline') } });
  });

  it('has known violations, suppressed, with the same fingerprint as before', async () => {
    const root = plant({ ...BAD, 'src/bad.ts': '', 'throughline.boundaries.baseline.json': { version: 1, known: [] } });
    const before = JSON.parse((await run(root, ['check', '--format', 'sarif'])).out).runs[0].results;
    const known = [{ file: 'src/my wrong#1.ts', rule: 'one-owner', to: 'node_modules/ws/index.js' }];
    const after = plant({ ...BAD, 'src/bad.ts': '', 'throughline.boundaries.baseline.json': { version: 1, known } });
    const results = JSON.parse((await run(after, ['check', '--format', 'sarif'])).out).runs[0].results;
    expect(results).toHaveLength(1);
    expect(results[0].suppressions).toEqual([{ kind: 'external', justification: 'It is in the baseline.' }]);
    expect(results[0].partialFingerprints).toEqual(before[0].partialFingerprints);
  });
});

describe('JSON', () => {
  it('has everything that the verdict has', async () => {
    const { out } = await run(plant(BAD), ['check', '--format', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      exitCode: 2,
      complete: false,
      violations: [
        { rule: 'one-owner', file: 'src/my wrong#1.ts', line: 1, column: 8, to: 'node_modules/ws/index.js' },
      ],
      problems: [expect.stringContaining('src/bad.ts')],
      gone: [{ file: 'src/gone.ts', rule: 'no-cycle' }],
      known: 0,
      files: 5,
    });
  });
});
