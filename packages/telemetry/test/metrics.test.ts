import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { closeCode, faultPlace, messageOutcome, other, refusalCode, resetCause } from '../src/labels.js';
import { eventMetrics, serviceMetrics } from '../src/metrics.js';

const here = dirname(fileURLToPath(import.meta.url));
const metrics = [...serviceMetrics, ...eventMetrics];
const read = (path: string) => readFileSync(join(here, path), 'utf8');
const protocol = () => read('../../events/PROTOCOL.md');

/** What the documentation says in a row: the name with its own label, the type, what it is. */
function rowOf(metric: (typeof metrics)[number]): string {
  const label = metric.type !== 'gauge' && metric.label ? `{${metric.label.name}}` : '';
  return `| \`${metric.name}${label}\` | ${metric.type} | ${metric.help} |`;
}

/** The section of PROTOCOL.md with this heading. */
function section(heading: string): string {
  const text = protocol();
  const start = text.indexOf(`\n## ${heading}`);
  if (start < 0) throw new Error(`PROTOCOL.md has no section ${heading}`);
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end < 0 ? undefined : end);
}

/** What a pattern finds in the sources of core. */
function inCore(pattern: RegExp): string[] {
  const folder = join(here, '../../core/src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const found = sources.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(pattern)].map(([, text = '']) => text),
  );
  if (found.length === 0) throw new Error(`Core has nothing like ${pattern}`);
  return [...new Set(found)].sort();
}

test('names are unique, end in what they measure and read well in both worlds', () => {
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  for (const { name, type, unit, help } of metrics) {
    expect(name).toMatch(/^throughline_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(name.endsWith('_seconds'), name).toBe(unit === 's');
    expect(unit).toMatch(/^(s|1|\{[a-z]+\})$/);
    expect(help).toMatch(/^[A-Z].*[^.]$/);
  }
});

test('no label can hold an id or a text: each lists what it may be', () => {
  for (const { label, name } of eventMetrics) {
    if (!label) continue;
    expect(['cause', 'code', 'from', 'level', 'outcome', 'policy', 'where'], name).toContain(label.name);
    expect(label.values.length).toBeLessThan(30);
    expect(label.values).not.toContain(other);
  }
});

test('buckets rise', () => {
  for (const { name, type, buckets } of eventMetrics) {
    expect(buckets.length > 0, name).toBe(type === 'histogram');
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
  }
});

test('the README has the row of each metric, and no other', () => {
  const rows = read('../README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `throughline_'));
  expect(rows).toEqual(metrics.map(rowOf));
});

test('operators read about each metric what to do, and about no other', () => {
  const text = read('../../../docs/operations.md');
  const told = [...text.matchAll(/^\*\*`(\w+)(?:\{\w+\})?`\*\*/gm)].map(([, name]) => name);
  expect(new Set(told)).toEqual(new Set(metrics.map(({ name }) => name)));
  expect(told).toHaveLength(metrics.length);
});

test('every code, cause and place that core and the protocol know is a value of its label', () => {
  const quoted = (text: string) => [...text.matchAll(/`([A-Z]+_[A-Z_]+|STARTING|DRAINING)`/g)].map(([, code]) => code);
  expect(refusalCode.values).toEqual(expect.arrayContaining(quoted(section('2'))));
  expect(refusalCode.values).toEqual(expect.arrayContaining(inCore(/(?:status|close): [^}]*?code: '([A-Z_]+)'/g)));
  const codes = [...section('9').matchAll(/^\| (\d{4})(?:, (\d{4}))* \|/gm)].flatMap(
    ([row]) => row.match(/\d{4}/g) ?? [],
  );
  expect(codes.length).toBeGreaterThan(10);
  expect(closeCode.values.map(String)).toEqual(expect.arrayContaining(codes));
  const causes = [...protocol().matchAll(/^\| `(\w+)` \| (?:belongs|is older|is newer|names|was overtaken)/gm)];
  expect(new Set(resetCause.values)).toEqual(new Set(causes.map(([, cause]) => cause)));
  expect(messageOutcome.values).toEqual(expect.arrayContaining(inCore(/code: '(MESSAGE_[A-Z_]+)'/g)));
  expect(faultPlace.values).toEqual(expect.arrayContaining(inCore(/[rR]eportFault\((?:[\w.#]+, )?'(\w+)'/g)));
  expect(faultPlace.values).toEqual(expect.arrayContaining(inCore(/kind: 'fault', where: '(\w+)'/g)));
});
