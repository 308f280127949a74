import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installed, plant, SERVICE } from './planted.js';
import { run } from './ports.js';

const BASELINE = 'throughline.boundaries.baseline.json';
const WRONG = "// first\n\timport 'ws';\nexport const used = 1;\n";
const manifest = { name: 'service', dependencies: { express: '5', ws: '8', '@throughline/compat': '1' } };
const BAD = { ...SERVICE, 'package.json': manifest, 'src/wrong.ts': WRONG };

describe('the command', () => {
  it('ends with 0 for a clean project, without any configuration', async () => {
    const { exitCode, out, error } = await run(plant(SERVICE), ['check']);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    expect(out).toMatch(/^0 violations \(3 modules, 5 imports, \d+ rules\)\n$/);
  });

  it('ends with 1 and shows the code, why it is wrong, and what to write instead', async () => {
    const { exitCode, out } = await run(plant(BAD), ['check']);
    expect(exitCode).toBe(1);
    expect(out).toBe(`src/wrong.ts:2:9  one-owner
  'ws' is imported here, and @throughline/core alone may import ws.
      1 | // first
    > 2 |  import 'ws';
        |         ^
      3 | export const used = 1;
  Why: A second way to a live socket is where events begin to reach the wrong user, twice, or nobody.
  Instead: Start the service with startWebSocketService and speak to users through getWebSocketManager(userContext): import { getWebSocketManager, startWebSocketService } from '@throughline/core'.

1 violation (4 modules, 6 imports, ${/(\d+) rules/.exec(out)?.[1]} rules)
`);
  });

  it.each([[['check', '--fast']], [['chekc']], [['check', '--format', 'xml']], [[]]])(
    'ends with 2 for %j',
    async (args) => {
      expect(await run(plant(SERVICE), args)).toMatchObject({ exitCode: 2, error: expect.stringMatching(/.+/) });
    },
  );

  it('tells its version, its help with the exit codes, and its rules', async () => {
    const root = plant(SERVICE);
    expect(await run(root, ['--version'])).toEqual({ exitCode: 0, out: '1.2.3\n', error: '' });
    expect((await run(root, ['--help'])).out).toContain('0 clean, 1');
    expect((await run(root, ['rules'])).out).toContain('one-owner\n  A library');
  });

  it('judges what the paths name, and follows what they import', async () => {
    const root = plant({
      ...BAD,
      'src/main.ts': "import './answer.js';\nimport 'express';\nexport const app = 1;\n",
      'src/answer.ts': "import './main.js';\n",
    });
    expect(await run(root, ['check', 'src/wrong.ts', 'test'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('src/wrong.ts'),
    });
    const cycle = await run(root, ['check', 'src/answer.ts']);
    expect(cycle).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('src/answer.ts → src/main.ts → src/answer.ts'),
    });
    expect(cycle.out).not.toContain('wrong');
  });

  it('takes a plan from the configuration', async () => {
    const plan = "export default { layers: [{ name: 'page', files: ['src/**'], libraries: false }] };\n";
    const named = plant({ ...SERVICE, 'config/plan.mjs': plan });
    expect(await run(named, ['check', '--config', 'config/plan.mjs'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('no-library-in-layer'),
    });
    expect(await run(plant({ ...SERVICE, 'throughline.boundaries.js': plan }), ['check'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('no-library-in-layer'),
    });
  });

  it('shows progress on a terminal, on long runs alone, and takes it away', async () => {
    const slow = (): (() => number) => {
      let time = 0;
      return () => (time += 1_000);
    };
    const root = plant(SERVICE);
    expect((await run(root, ['check'], { isTerminal: true, now: slow() })).error).toBe(
      '\r\u001b[KReading modules: 3 of 3\r\u001b[K',
    );
    expect((await run(root, ['check'], { isTerminal: true })).error).toBe('');
    expect((await run(root, ['check'], { now: slow() })).error).toBe('');
  });

  it('lets no control character of a file reach the terminal', async () => {
    const root = plant({ ...BAD, 'src/wrong.ts': "import 'ws'; // \u001b[2J\u202e\n" });
    expect((await run(root, ['check'])).out).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  });
});

describe('the baseline', () => {
  const compat = {
    ...BAD,
    ...installed('@throughline/compat'),
    'src/old.ts': "import '@throughline/compat';\nexport const used = 1;\n",
  };

  it('is written where there is none, and then known violations may stay', async () => {
    const root = plant(compat);
    expect(await run(root, ['check', '--write-baseline'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, BASELINE), 'utf8')).toBe(`{
  "version": 1,
  "known": [
    {"file":"src/old.ts","rule":"no-deprecated-import","to":"node_modules/@throughline/compat/index.js"},
    {"file":"src/wrong.ts","rule":"one-owner","to":"node_modules/ws/index.js"}
  ]
}
`);
    expect(await run(root, ['check'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('0 violations, 2 known'),
    });
    // A line more above them is no news.
    writeFileSync(join(root, 'src/wrong.ts'), `// more\n${WRONG}`);
    expect(await run(root, ['check'])).toMatchObject({ exitCode: 0 });
  });

  it('takes in nothing new', async () => {
    const root = plant(compat);
    await run(root, ['check', '--write-baseline']);
    const before = readFileSync(join(root, BASELINE), 'utf8');
    writeFileSync(join(root, 'src/new.ts'), "import '@throughline/compat';\n");
    expect(await run(root, ['check', '--write-baseline'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('src/new.ts:1:8  no-deprecated-import'),
    });
    expect(readFileSync(join(root, BASELINE), 'utf8')).toBe(before);
  });

  it('must lose what occurs no longer', async () => {
    const root = plant(compat);
    await run(root, ['check', '--write-baseline']);
    writeFileSync(join(root, 'src/old.ts'), 'export const used = 1;\n');
    expect(await run(root, ['check'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('src/old.ts  no-deprecated-import'),
    });
    expect(await run(root, ['check', 'src/wrong.ts'])).toMatchObject({ exitCode: 0 });
    expect(await run(root, ['check', '--write-baseline'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, BASELINE), 'utf8')).not.toContain('src/old.ts');
    expect(await run(root, ['check'])).toMatchObject({ exitCode: 0 });
  });

  it('may not have more than an earlier one had', async () => {
    const root = plant(compat);
    await run(root, ['check', '--write-baseline']);
    const less = JSON.parse(readFileSync(join(root, BASELINE), 'utf8'));
    writeFileSync(join(root, 'before.json'), JSON.stringify({ ...less, known: less.known.slice(1) }));
    const grown = await run(root, ['check', '--baseline-before', 'before.json']);
    expect(grown).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining('src/old.ts  no-deprecated-import: the baseline has grown'),
    });
    writeFileSync(join(root, 'before.json'), JSON.stringify(less));
    expect(await run(root, ['check', '--baseline-before', 'before.json'])).toMatchObject({ exitCode: 0, error: '' });
  });

  it('is not written where the verdict is not complete', async () => {
    const root = plant({ ...compat, 'src/bad.ts': 'export const = ;\n' });
    expect(await run(root, ['check', '--write-baseline'])).toMatchObject({ exitCode: 2 });
    expect(existsSync(join(root, BASELINE))).toBe(false);
  });

  it.each([
    ['{', 'is no baseline'],
    ['[]', 'its version is not 1'],
    ['{"version":1}', '"known" is no list'],
    ['{"version":1,"known":[{"file":"a.ts"}]}', 'known[0] must have a file, a rule'],
    ['{"version":1,"known":[{"file":"a.ts","rule":"one-owner","count":0}]}', 'known[0]'],
  ])('is refused as %s', async (text, message) => {
    const { exitCode, error } = await run(plant({ ...compat, [BASELINE]: text }), ['check']);
    expect(exitCode).toBe(2);
    expect(error).toContain(message);
  });

  it('must be there where it is named', async () => {
    const root = plant(compat);
    expect(await run(root, ['check', '--baseline', 'known.json'])).toMatchObject({
      exitCode: 2,
      error: expect.stringContaining('There is no known.json'),
    });
    expect(await run(root, ['check', '--baseline', 'known.json', '--write-baseline'])).toMatchObject({ exitCode: 0 });
    expect(await run(root, ['check', '--baseline', 'known.json'])).toMatchObject({ exitCode: 0 });
  });
});
