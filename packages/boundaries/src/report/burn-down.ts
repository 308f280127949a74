import type { BurnDown, BurnDownRow, CallSite } from '../burn-down/burn-down.js';
import { shortVersion } from '../burn-down/release.js';
import { COMPAT } from '../deprecation-rows.js';
import { printable } from './frame.js';

/** What the command has to say beside what is left: how it compares with what was committed. */
export interface Comparison {
  /** One line each. */
  readonly notes: readonly string[];
  /** Why it fails, one line each. */
  readonly faults: readonly string[];
}

/** What is left, for people. */
export function burnDownText(report: BurnDown, { notes, faults }: Comparison): string {
  const { rows, problems } = report;
  return [
    ...rows.map(block),
    ...(problems.length > 0 ? [['The report is not complete:', ...problems.map(indented)].join('\n')] : []),
    ...(faults.length + notes.length > 0 ? [[...faults, ...notes].join('\n')] : []),
    summaryOf(report),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What is left, for programs. */
export function burnDownJson(report: BurnDown, { notes, faults }: Comparison, exitCode: number): string {
  const { problems, ...left } = report;
  const complete = problems.length === 0;
  return `${JSON.stringify({ version: 1, exitCode, complete, summary: summaryOf(report), ...named(left), faults, notes, problems }, null, 2)}\n`;
}

/** The format has a version of its own. */
function named({ version, ...left }: Omit<BurnDown, 'problems'>): object {
  return { release: version ?? null, ...left };
}

/** `12 call sites in 3 files left, removed in 2.0 (…)`. */
function summaryOf({ sites, files, removals, modules, usageFiles }: BurnDown): string {
  const looked = `(${counted(modules, 'module')}, ${counted(usageFiles, 'usage file')})`;
  if (sites === 0) return `0 call sites left ${looked}`;
  const [only, ...others] = removals.map(({ removed_in }) =>
    removed_in === null ? 'some day' : `in ${shortVersion(removed_in)}`,
  );
  const when =
    others.length === 0
      ? `removed ${only}`
      : `removed: ${removals.map((one, index) => `${one.sites} ${[only, ...others][index]}`).join(', ')}`;
  return `${counted(sites, 'call site')} in ${counted(files, 'file')} left, ${when} ${looked}`;
}

function block({ code, symbol, entry, removed_in, replacement, way, sites }: BurnDownRow): string {
  const where = entry === '*' ? '' : ` of ${COMPAT}${entry.slice(1)}`;
  const until = removed_in === null ? '' : `, removed in ${shortVersion(removed_in)}`;
  return [`${code ?? 'no code'}  ${symbol}${where}${until}`, `  ${replacement} ${way}`, ...sites.map(lineOf)].join(
    '\n',
  );
}

function lineOf({ file, line, by, calls, known }: CallSite): string {
  const ran = calls === undefined ? [] : [counted(calls, 'call')];
  const said = [...by.filter((one) => one !== 'run'), ...ran, ...(known === false ? ['not in the baseline'] : [])].join(
    ', ',
  );
  return indented(`${file}${line === undefined ? '' : `:${line}`}  ${said}`);
}

function indented(text: string): string {
  return `    ${printable(text)}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
