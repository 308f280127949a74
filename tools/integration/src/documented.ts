// What PROTOCOL.md promises: a verdict counts only if a reader of that page could have known it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Something that a client is told: a close code, an HTTP status with its code, or the code of an `error` or `reset`. */
export interface Told {
  readonly close?: number;
  readonly status?: number;
  readonly code?: string;
}

/** Whether the tables of PROTOCOL.md have a row for it. */
export function isDocumented({ close, status, code = '' }: Told): boolean {
  const packageFile = createRequire(import.meta.url).resolve('@throughline/events/package.json');
  const rows = readFileSync(new URL('PROTOCOL.md', `file://${packageFile}`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  if (close !== undefined) return rows.some((row) => firstCell(row).split(/\D+/).includes(String(close)));
  if (status !== undefined) return rows.some((row) => firstCell(row) === String(status) && row.includes(`\`${code}\``));
  return rows.some((row) => firstCell(row) === `\`${code}\``);
}

function firstCell(row: string): string {
  return row.split('|')[1]?.trim() ?? '';
}
