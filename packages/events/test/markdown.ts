// Reads the tables of PROTOCOL.md, so that its text and the code cannot drift apart.
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');

/** The rows of the first table below a heading whose header row begins so; cells as they are written. */
export function tableBelow(heading: string, header = ''): string[][] {
  const lines = text
    .slice(text.indexOf(`\n${heading}\n`))
    .split('\n')
    .slice(2);
  const section = lines.slice(0, lines.findIndex((line) => /^#/.test(line)) + 1 || undefined);
  const begin = section.findIndex((line) => line.startsWith(`| ${header}`));
  const rows = section.slice(begin);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows
    .slice(2, end)
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** What stands in backticks. */
export function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);
}
