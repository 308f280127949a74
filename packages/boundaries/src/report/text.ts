import type { KnownViolation } from '../baseline.js';
import type { Verdict } from '../check.js';
import type { Violation } from '../violation.js';
import { codeFrame, printable } from './frame.js';

/** A verdict for people. `textOf` gives a file's text, for the lines around a violation. */
export function textReport(verdict: Verdict, textOf: (file: string) => string | undefined): string {
  const { violations, problems, gone } = verdict;
  return [
    ...violations.map((violation) => block(violation, textOf(violation.file))),
    ...(gone.length > 0 ? [goneBlock(gone)] : []),
    ...(problems.length > 0 ? [problemBlock(problems)] : []),
    summary(verdict),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function block({ rule, file, line, column = 1, message, why, instead }: Violation, text: string | undefined): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  return [
    `${printable(place)}  ${rule}`,
    `  ${printable(message)}`,
    ...(text !== undefined && line !== undefined ? [codeFrame(text, line, column)] : []),
    `  Why: ${printable(why)}`,
    `  Instead: ${printable(instead)}`,
  ].join('\n');
}

function goneBlock(gone: readonly KnownViolation[]): string {
  const rows = gone.map(({ file, rule, to }) => `  ${file}  ${rule}${to ? ` → ${to}` : ''}`);
  return ['These are in the baseline and occur no longer. Take them out with --write-baseline:', ...rows].join('\n');
}

function problemBlock(problems: readonly string[]): string {
  return ['The verdict is not complete:', ...problems.map((problem) => `  ${printable(problem)}`)].join('\n');
}

function summary({ violations, all, problems, gone, files, imports, rules }: Verdict): string {
  const known = all.length - violations.length;
  const found = [
    counted(violations.length, 'violation'),
    ...(known > 0 ? [`${known} known`] : []),
    ...(gone.length > 0 ? [`${gone.length} gone from the baseline`] : []),
    ...(problems.length > 0 ? [counted(problems.length, 'problem')] : []),
  ].join(', ');
  return `${found} (${counted(files, 'module')}, ${counted(imports, 'import')}, ${counted(rules.length, 'rule')})`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
