import { describe, expect, it } from 'vitest';
import { type RunSettings, runSteps } from '../src/run-steps.js';
import { failed, passed, type Step } from '../src/step.js';
import { STEPS, selectSteps } from '../src/steps.js';

const good = (name: string): Step => ({ name, run: async () => passed('fine') });
const bad = (name: string): Step => ({ name, run: async () => failed('1 problem', 'line one\nline two') });

async function run(steps: Step[], settings: Partial<RunSettings> = {}) {
  const lines: string[] = [];
  const tally = await runSteps(steps, {
    root: '.',
    signal: new AbortController().signal,
    print: (line) => lines.push(line),
    now: () => 0,
    ...settings,
  });
  return { lines, tally };
}

describe('a run of steps', () => {
  it('says in one line each what went well', async () => {
    const { lines, tally } = await run([good('build'), good('types')]);
    expect(lines).toEqual(['ok      build             0.0 s  fine', 'ok      types             0.0 s  fine']);
    expect(tally).toEqual({ passed: 2, failed: 0 });
  });

  it('goes on after a failure, shows its output and names it at the end', async () => {
    const { lines, tally } = await run([bad('build'), good('types')]);
    expect(lines).toEqual([
      'failed  build             0.0 s  1 problem',
      '    line one\n    line two',
      'ok      types             0.0 s  fine',
      '\nfailed: build',
    ]);
    expect(tally).toEqual({ passed: 1, failed: 1 });
  });

  it('counts a throw as a failure', async () => {
    const throwing: Step = { name: 'types', run: () => Promise.reject(new Error('no compiler')) };
    const { lines, tally } = await run([throwing]);
    expect(lines.join('\n')).toContain('Error: no compiler');
    expect(tally).toEqual({ passed: 0, failed: 1 });
  });

  it('counts test cases beside the step that ran them', async () => {
    const tests: Step = { name: 'tests', run: async () => ({ ok: false, cases: { passed: 40, failed: 2 } }) };
    expect((await run([good('build'), tests])).tally).toEqual({ passed: 41, failed: 3 });
  });

  it('does not run a step whose ground is gone, unless that shows more', async () => {
    const packages = { ...good('packages'), needs: ['build'] };
    const tests = { ...good('tests'), needs: ['build'], runsAnyway: true };
    const { lines, tally } = await run([bad('build'), packages, tests]);
    expect(lines).toContain('failed  packages          0.0 s  not run: build failed');
    expect(lines).toContain('ok      tests             0.0 s  fine');
    expect(tally).toEqual({ passed: 1, failed: 2 });
  });

  it('has failed when it was interrupted', async () => {
    const { lines, tally } = await run([good('build')], { signal: AbortSignal.abort() });
    expect(lines[0]).toContain('not run: interrupted');
    expect(tally).toEqual({ passed: 0, failed: 1 });
  });

  it('has failed when it had no step', async () => {
    expect((await run([])).tally).toEqual({ passed: 0, failed: 1 });
  });
});

describe('the choice of steps', () => {
  it('is all of them without a name', () => {
    expect(selectSteps([])).toEqual(STEPS);
  });

  it('adds what a step needs, and keeps the order', () => {
    expect(selectSteps(['size', 'types']).map(({ name }) => name)).toEqual(['build', 'types', 'size']);
  });

  it('refuses a name that no step has', () => {
    expect(() => selectSteps(['lint', 'tpyes'])).toThrow('No step is called tpyes. There are: prerequisites, ');
  });

  it('finds what every step needs before it, and needing nothing itself', () => {
    const before = new Map<string, readonly string[]>();
    for (const { name, needs = [] } of STEPS) {
      expect(needs.map((need) => before.get(need))).toEqual(needs.map(() => []));
      expect(before.has(name)).toBe(false);
      before.set(name, needs);
    }
  });
});
