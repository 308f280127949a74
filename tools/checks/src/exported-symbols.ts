import ts from 'typescript';

/** A name that a module opens. */
export interface ExportedSymbol {
  readonly name: string;
  /** `type`: it is not there at run time. */
  readonly kind: 'value' | 'type';
}

/** What TypeScript modules open, by their absolute paths. Names only: no library is read. */
export function exportedSymbols(files: readonly string[]): ReadonlyMap<string, readonly ExportedSymbol[]> {
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    customConditions: ['@throughline/source'],
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  return new Map(
    files.map((file) => {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      if (!module) throw new Error(`${file} cannot be read as a module.`);
      const symbols = checker.getExportsOfModule(module).map((symbol) => ({
        name: symbol.name,
        kind: isValue(symbol, checker) ? ('value' as const) : ('type' as const),
      }));
      if (symbols.length === 0) throw new Error(`${file} opens nothing.`);
      return [file, symbols.toSorted((one, other) => (one.name < other.name ? -1 : 1))];
    }),
  );
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const asType = (declaration: ts.Declaration): boolean =>
    ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly);
  if (symbol.declarations?.every(asType)) return false;
  const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (declared.flags & ts.SymbolFlags.Value) !== 0;
}
