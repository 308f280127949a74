// Nothing goes without a major version, nor without having been announced by a version that people have.
import { describe, expect, it, test } from 'vitest';
import { createApiJudge } from '../src/api-changes.js';
import { judgeApi } from '../src/api-gate.js';
import { type Files, type Planted, plant, SMALL } from './planted-repository.js';

const report = (code: string): string => `## API Report\n\n\`\`\`ts\n\n${code}\n\n\`\`\`\n`;
const ONE = '// @public\nexport const one: number;';
const TWO = '// @public\nexport const two: number;';
const OLD_TWO = TWO.replace('@public', '@public @deprecated');
const NEW_TWO = TWO.replace('@public', '@public @experimental');
const REPORT = 'packages/base/etc/index.api.md';
const MAJOR = { '.changeset/one.md': "---\n'@throughline/base': major\n---\n\nLess.\n\nMigration: none.\n" };
const MINOR = { '.changeset/one.md': "---\n'@throughline/base': minor\n---\n\nLess.\n" };

/** A branch on which an entry promises less than before. */
function branch(before: readonly string[], after: readonly string[], more: Files = {}, ground: Files = {}): Planted {
  const planted = plant({ ...SMALL, [REPORT]: report(before.join('\n\n')), ...ground });
  planted.git('switch', '--quiet', '--create', 'work');
  planted.commit({ [REPORT]: report(after.join('\n\n')), ...more });
  return planted;
}

const judgeReports = createApiJudge();
const judge = ({ root }: Planted, base = 'main') => judgeApi(root, base, judgeReports);

test('S6 nothing less, and more, pass', async () => {
  expect(await judge(branch([ONE], [ONE, TWO]))).toEqual({ ok: true, text: '1 entries promise what they did.' });
});

describe('S6 a removed name', () => {
  it('fails without a major changeset, deprecated or not', async () => {
    const { ok, text } = await judge(branch([ONE, OLD_TWO], [ONE], MINOR));
    expect({ ok, text }).toMatchObject({ ok: false });
    expect(text).toBe(
      `${REPORT}: two is removed, and no changeset says "major" for @throughline/base. Run: npm run changeset`,
    );
  });

  it('fails with one when no version called it deprecated', async () => {
    const { ok, text } = await judge(branch([ONE, TWO], [ONE], MAJOR));
    expect(ok).toBe(false);
    expect(text).toBe(
      `${REPORT}: two is removed, and 1.0.0 did not call it deprecated. Keep it for a minor version that does.`,
    );
  });

  it('may go when it was deprecated and the version is a major one', async () => {
    expect(await judge(branch([ONE, OLD_TWO], [ONE], MAJOR))).toMatchObject({ ok: true });
  });

  it('may go at once when it was experimental', async () => {
    expect(await judge(branch([ONE, NEW_TWO], [ONE]))).toMatchObject({ ok: true });
  });

  it('counts as announced by the last version, not by what came after it', async () => {
    const planted = plant({ ...SMALL, [REPORT]: report(`${ONE}\n\n${TWO}`) });
    planted.git('tag', 'v1.0.0');
    planted.commit({ [REPORT]: report(`${ONE}\n\n${OLD_TWO}`) });
    planted.git('switch', '--quiet', '--create', 'work');
    planted.commit({ [REPORT]: report(ONE), ...MAJOR });
    expect(await judge(planted)).toMatchObject({ ok: false, text: expect.stringContaining('1.0.0 did not') as string });
  });

  it('was never there for anybody when it came after the last version', async () => {
    const planted = plant({ ...SMALL, [REPORT]: report(ONE) });
    planted.git('tag', 'v1.0.0');
    planted.commit({ [REPORT]: report(`${ONE}\n\n${TWO}`) });
    planted.git('switch', '--quiet', '--create', 'work');
    planted.commit({ [REPORT]: report(ONE) });
    expect(await judge(planted)).toMatchObject({ ok: true });
  });
});

test('S6 a narrowed name fails without a major changeset, and passes with one, or once the version is one', {
  timeout: 60_000,
}, async () => {
  const narrower = [ONE.replace('number', 'number | string')];
  const { ok, text } = await judge(branch([ONE], narrower, MINOR));
  expect({ ok, text }).toMatchObject({ ok: false, text: expect.stringContaining('one is narrowed') as string });
  expect(await judge(branch([ONE], narrower, MAJOR))).toMatchObject({ ok: true });
  const base = SMALL['packages/base/package.json'] as object;
  const released = { 'packages/base/package.json': { ...base, version: '2.0.0' } };
  expect(await judge(branch([ONE], narrower, released))).toMatchObject({ ok: true });
});

test('S6 a closed entry is all of its names', async () => {
  const planted = plant({ ...SMALL, [REPORT]: report(ONE) });
  planted.git('switch', '--quiet', '--create', 'work');
  planted.git('rm', '--quiet', REPORT);
  planted.commit({});
  expect(await judge(planted)).toMatchObject({ ok: false, text: expect.stringContaining('everything of') as string });
});

test('S6 S15 a legacy name is announced by its row, if a version had that row', async () => {
  const legacy = 'packages/compat/etc/manager.api.md';
  const row = { symbol: 'two', entry: './manager', since: '1.0.0', removed_in: '2.0.0' };
  const ground = (since: string): Files => ({
    'packages/compat/package.json': { name: '@throughline/compat', version: '1.0.0' },
    'packages/compat/schema/deprecations.json': { deprecations: [{ ...row, since }] },
    [legacy]: report(`${ONE}\n\n${TWO}`),
  });
  const change = {
    [legacy]: report(ONE),
    '.changeset/one.md': MAJOR['.changeset/one.md'].replace('base', 'compat'),
  };
  expect(await judge(branch([ONE], [ONE], change, ground('1.0.0')))).toMatchObject({ ok: true });
  const { ok, text } = await judge(branch([ONE], [ONE], change, ground('1.1.0')));
  expect(ok).toBe(false);
  expect(text).toContain('1.0.0 did not call it deprecated');
});

test('before anything is published, anything may go', async () => {
  const base = SMALL['packages/base/package.json'] as object;
  const unpublished = { 'packages/base/package.json': { ...base, version: '0.0.0' } };
  const planted = branch([ONE, TWO], [ONE], {}, unpublished);
  expect(await judge(planted)).toEqual({ ok: true, text: 'Nothing is published yet.' });
});

test('a base that git does not know is an error, never a pass', async () => {
  await expect(judge(branch([ONE], [ONE]), 'no-such-branch')).rejects.toThrow('no-such-branch');
});
