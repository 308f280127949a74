/** Lines of code that are shown before and after the one that is meant. */
const AROUND = 1;

/** Longest line that is shown whole: beyond it lies minified code. */
const WIDEST = 160;

/** The lines around a place, with a mark below it, indented by four. */
export function codeFrame(text: string, line: number, column: number): string {
  const lines = text.split('\n');
  const first = Math.max(1, line - AROUND);
  const shown = lines.slice(first - 1, line + AROUND);
  const width = String(first + shown.length - 1).length;
  return shown
    .flatMap((content, index) => {
      const number = first + index;
      const isMeant = number === line;
      const row = `${isMeant ? '>' : ' '} ${String(number).padStart(width)} | ${printable(content).slice(0, WIDEST)}`;
      if (!isMeant || column > WIDEST) return [row];
      return [row, `  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1))}^`];
    })
    .map((row) => `    ${row.trimEnd()}`)
    .join('\n');
}

/** Source is shown on terminals, which obey what is written to them. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\u00b7');
}
