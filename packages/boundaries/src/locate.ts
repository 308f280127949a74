import type { ParsedFile } from './parsed-file.js';

/** Where a file imports something, counted from 1. Undefined where the specifier is not written as one. */
export function locate(
  file: ParsedFile,
  specifier: string,
): { readonly line: number; readonly column: number } | undefined {
  const { module, text } = file;
  const statement = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest)),
  ].find((request) => request?.value === specifier);
  if (statement) return file.lineOf(statement.start);
  const written = ["'", '"', '`'].map((quote) => text.indexOf(quote + specifier + quote)).filter((at) => at !== -1);
  return written.length > 0 ? file.lineOf(Math.min(...written)) : undefined;
}
