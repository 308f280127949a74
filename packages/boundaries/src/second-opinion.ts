import type { Import } from './graph.js';
import type { ParsedFile } from './parsed-file.js';

/**
 * Why the imports of a file may not be all of them: it is not valid, or the second parser sees one that the cruiser did
 * not. What only one of two parsers sees was not judged.
 */
export function secondOpinion(file: ParsedFile, imports: readonly Import[]): string[] {
  const { path, errors } = file;
  const seen = new Set(imports.map(({ specifier }) => specifier));
  const missed = new Set(specifiersOf(file).filter((one) => !seen.has(one)));
  const invalid = errors.slice(0, 1).map(({ message, labels }) => {
    const { line, column } = file.lineOf(labels[0]?.start ?? 0);
    return `${path}:${line}:${column} is not valid: ${message} What follows there may not have been judged.`;
  });
  return [...invalid, ...[...missed].map((one) => `${path}: the cruiser did not see the import of '${one}'.`)];
}

/** What the second parser sees: imports, exports of what others have, and imports at run time of a plain text. */
function specifiersOf({ module, text }: ParsedFile): string[] {
  const { staticImports, staticExports, dynamicImports } = module;
  const handedOn = staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest?.value));
  const later = dynamicImports.map(
    ({ moduleRequest: { start, end } }) => /^(['"])([^'"\\]+)\1$/.exec(text.slice(start, end))?.[2],
  );
  const all = [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...handedOn, ...later];
  return all.filter((one) => one !== undefined);
}
