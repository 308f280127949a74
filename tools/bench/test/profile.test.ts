import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, test } from 'vitest';
import { type Call, callTree } from '../src/profiles/call-tree.js';
import { heaviest, heaviestTable } from '../src/profiles/heaviest.js';
import { type Places, placesIn } from '../src/profiles/places.js';
import { flameGraph } from '../src/report/flame-graph.js';

/** Functions of these tests are all of one file. */
const places: Places = ({ functionName, lineNumber }) => ({
  name: functionName,
  file: 'packages/core/src/cursor.ts',
  line: lineNumber + 1,
  origin: 'packages',
});

const frame = (functionName: string) => ({ functionName, scriptId: '1', url: '', lineNumber: 0, columnNumber: 0 });

/** A sample each 1,000 µs, the first at 11,000. */
function profileOf(nodes: Readonly<Record<number, readonly [string, ...number[]]>>, samples: number[]) {
  const profile: Profiler.Profile = {
    nodes: Object.entries(nodes).map(([id, [name, ...children]]) => ({
      id: Number(id),
      callFrame: frame(name),
      children,
    })),
    startTime: 10_000,
    endTime: 10_000 + samples.length * 1_000,
    samples,
    timeDeltas: samples.map(() => 1_000),
  };
  return profile;
}

const shape = ({ place, own, all, callees }: Call): unknown => [
  place.name,
  own,
  all,
  ...[...callees.values()].map(shape),
];

describe('the call tree', () => {
  const nodes = {
    1: ['(root)', 2, 3, 5],
    2: ['(idle)'],
    3: ['pump', 4, 6],
    4: ['send'],
    5: ['pump'],
    6: ['send'],
  } as const;

  test('adds up what is the same function behind the same callers, and leaves out idle time', () => {
    const { root } = callTree(profileOf(nodes, [2, 2, 3, 4, 5, 2, 6]), places);
    expect(shape(root)).toEqual(['all', 0, 4, ['pump', 2, 4, ['send', 2, 2]]]);
  });

  test('counts the samples of the window alone', () => {
    const { root } = callTree(profileOf(nodes, [3, 3, 3, 4, 5, 5]), places, { from: 13_000, to: 14_000 });
    expect(shape(root)).toEqual(['all', 0, 2, ['pump', 1, 2, ['send', 1, 1]]]);
  });

  test('knows how far apart samples are, idle ones too', () => {
    expect(callTree(profileOf(nodes, [2, 3, 2, 4]), places).interval).toBe(1_000);
    expect(callTree(profileOf(nodes, []), places).interval).toBe(0);
  });

  test('of nothing is nothing', () => {
    const { root } = callTree(profileOf(nodes, []), places);
    expect(root.all).toBe(0);
    expect(heaviest(root)).toEqual([]);
  });
});

describe('the heaviest functions', () => {
  const recursive = { 1: ['(root)', 2, 5], 2: ['walk', 3], 3: ['walk', 4], 4: ['read'], 5: ['read'] } as const;
  const { root } = callTree(profileOf(recursive, [2, 3, 4, 5, 5, 5, 5, 5, 5, 5]), places);

  test('are added up over all callers; one that calls itself counts once', () => {
    expect(heaviest(root).map(({ place, own, all }) => [place.name, own, all])).toEqual(
      [
        ['read', 0.8, 0.8],
        ['walk', 0.2, 0.3],
      ].map(([name, own, all]) => [name, expect.closeTo(Number(own), 10), expect.closeTo(Number(all), 10)]),
    );
  });

  test('stand in a table with what they cost of an event', () => {
    const [, , first, second] = heaviestTable(root, 20).split('\n');
    expect(first).toBe('| `read` | packages/core/src/cursor.ts:1 | 80.0 % | 80.0 % | 16.00 | 16.00 |');
    expect(second).toBe('| `walk` | packages/core/src/cursor.ts:1 | 20.0 % | 30.0 % | 4.00 | 6.00 |');
  });
});

describe('the flame graph', () => {
  const nodes = { 1: ['(root)', 2, 4], 2: ['<anonymous> & "pump"', 3], 3: ['send'], 4: ['rare'] } as const;
  const often = Array.from({ length: 499 }, (_, index) => (index % 2 === 0 ? 2 : 3));
  const draw = () => flameGraph('A <title> & more', callTree(profileOf(nodes, [...often, 4]), places).root);

  test('has names and shares, escaped', () => {
    const svg = draw();
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('send cursor.ts 49.8 %');
    expect(svg).toContain('&lt;anonymous&gt; &amp; &quot;pump&quot; cursor.ts 99.8 %');
    expect(svg).toContain('A &lt;title&gt; &amp; more');
    expect(svg).not.toContain('<anonymous>');
  });

  test('is the same for the same profile', () => {
    expect(draw()).toBe(draw());
  });

  test('leaves out frames below 0.3 %', () => {
    const frames = (samples: number[]) =>
      flameGraph('one', callTree(profileOf(nodes, samples), places).root).split('<path').length;
    expect(frames([...often, 4])).toBe(frames(often));
    expect(frames([...often, 4, 4, 4])).toBe(frames(often) + 1);
  });

  test('of nothing is drawn as well', () => {
    expect(flameGraph('nothing', callTree(profileOf(nodes, []), places).root)).toMatch(/^<svg /);
  });
});

describe('places', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  test('are those of the source, with the name it has there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'places-'));
    folders.push(folder);
    writeFileSync(join(folder, 'one.ts'), 'export function open(a: number): number {\n  return a + 1;\n}\n');
    writeFileSync(join(folder, 'two.ts'), '\n\nexport function open(a: number): number {\n  return a - 1;\n}\n');
    writeFileSync(
      join(folder, 'both.ts'),
      "import { open as one } from './one.ts';\nimport { open as two } from './two.ts';\nconsole.log(one(1), two(1));\n",
    );
    const outfile = join(folder, 'dist', 'both.js');
    await build({ entryPoints: [join(folder, 'both.ts')], outfile, bundle: true, format: 'esm', sourcemap: true });
    const lines = readFileSync(outfile, 'utf8').split('\n');
    const found = ['open', 'open2'].map((functionName) => {
      const lineNumber = lines.findIndex((line) => line.startsWith(`function ${functionName}(`));
      const columnNumber = `function ${functionName}`.length;
      const { name, file, line } = placesIn(pathToFileURL(`${join(folder, 'dist')}/`))({
        functionName,
        scriptId: '1',
        url: pathToFileURL(outfile).href,
        lineNumber,
        columnNumber,
      });
      return [name, file, line];
    });
    expect(found).toEqual([
      ['open', join(folder, 'one.ts'), 1],
      ['open', join(folder, 'two.ts'), 3],
    ]);
  });

  test.each([
    ['', '', 'native'],
    ['node:net', 'node:net', 'node'],
    ['file:///somewhere/node_modules/ws/lib/sender.js', 'ws/lib/sender.js', 'library'],
    ['file:///a/node_modules/b/node_modules/c/index.js', 'c/index.js', 'library'],
    [new URL('../../../packages/core/src/cursor.ts', import.meta.url).href, 'packages/core/src/cursor.ts', 'packages'],
    [new URL('../src/bench-server.ts', import.meta.url).href, 'tools/bench/src/bench-server.ts', 'bench'],
  ])('%j is %j, of %s', (url, file, origin) => {
    expect(placesIn(new URL('file:///programs/'))({ ...frame('one'), url })).toMatchObject({ file, origin });
  });
});
