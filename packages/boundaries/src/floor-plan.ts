/** A group of files that form one floor of the building. Floors are listed from the lowest to the highest. */
export interface Layer {
  /** What messages call it: `core`. */
  readonly name: string;
  /** Its files, as patterns relative to the root: `packages/core/**`. */
  readonly files: readonly string[];
  /**
   * The layers below it that it may import: `events` means all of it, `events/protocol` that entry of the package
   * alone. Default: every layer that is listed before it.
   */
  readonly imports?: readonly string[];
  /** What it may import with `import type`, and no other way. */
  readonly types?: readonly string[];
  /** Its production code runs in browsers: nothing of Node. */
  readonly browser?: boolean;
  /** Its production code may import no library. Default: it may. */
  readonly libraries?: boolean;
}

/** One dependency and the only files that may import it. Rows add up: a second row for a dependency narrows, it never widens. */
export interface Owner {
  /** The package's name: `ws`. Its types (`@types/ws`) and its aliases are meant as well. */
  readonly dependency: string;
  /** Files of the owner, as patterns, or the name of the package that owns it, wherever that is installed. */
  readonly files?: readonly string[];
  readonly package?: string;
  /** Where the rule holds, as patterns. Default: production code. */
  readonly within?: readonly string[];
  readonly why: string;
  readonly instead: string;
}

/** What may be imported of an installed package, whatever its own `exports` say. */
export interface Entries {
  /** The package's name; `@throughline/*` means every package of that scope. */
  readonly package: string;
  /** Subpaths that stay closed, as patterns: `src/**`. */
  readonly closed: readonly string[];
}

/** A module that was deleted and must not come back, whether as a file, an import or a name. */
export interface Deleted {
  /** Its words joined with `-`: `websocket-manager-factory` means every case and every separator, and none. */
  readonly module: string;
  readonly instead: string;
}

/** A package whose imports fade out: only those of the baseline may stay. */
export interface Deprecated {
  readonly package: string;
  readonly instead: string;
}

/** Which files are production code: the rest are tests, examples and scripts. */
export interface Production {
  /**
   * Patterns of production code. Default: every file but those in the folders of a package that hold examples, scripts,
   * tools, benchmarks and documentation.
   */
  readonly files?: readonly string[];
  /** Patterns of files that are no production code. They add to the default ones: tests, fixtures, configurations. */
  readonly except?: readonly string[];
  /** Packages that are for tests: production code must not import them. They add to the default ones. */
  readonly testPackages?: readonly string[];
}

/** Files that something must use. */
export interface Reachable {
  /** What is judged, as patterns. */
  readonly files: readonly string[];
  /** Where use begins, as patterns, beside the entries and bins of packages: `src/main.ts`. */
  readonly from?: readonly string[];
}

/** Files below which no library may be found, however far down. */
export interface Standalone {
  readonly files: readonly string[];
  readonly why: string;
  readonly instead: string;
}

/** Folders that use everything and are used by nobody: tools, examples. */
export interface Leaf {
  /** A pattern of one folder each: `tools/*`. */
  readonly folders: readonly string[];
  /** Patterns of files that may import them all the same. */
  readonly except?: readonly string[];
}

/** What a team writes down. Everything may be left out: the default plan holds in any case, and rows add to it. */
export interface FloorPlanOptions {
  readonly layers?: readonly Layer[];
  readonly owners?: readonly Owner[];
  readonly entries?: readonly Entries[];
  readonly deleted?: readonly Deleted[];
  readonly deprecated?: readonly Deprecated[];
  readonly production?: Production;
  readonly reachable?: Reachable;
  readonly standalone?: readonly Standalone[];
  /** Cycles that exist in types alone are refused too. Default: false. */
  readonly cyclesOfTypes?: boolean;
  /** Folders that nobody outside them may import. */
  readonly leaves?: readonly Leaf[];
  /** Packages, as patterns of names, whose import has no effect and whose manifest says so: `@acme/*`. */
  readonly sideEffectFree?: readonly string[];
  /** Specifiers, as patterns, that a bundler makes and that lead to no file: `~icons/**`. Those with a scheme (`virtual:x`) are known. */
  readonly unresolved?: readonly string[];
  /** Conditions of `exports` that lead to sources, first: `@acme/source`. */
  readonly conditions?: readonly string[];
}

/** A checked plan, with the default plan in it. */
export interface FloorPlan {
  readonly layers: readonly Layer[];
  readonly owners: readonly Owner[];
  readonly entries: readonly Entries[];
  readonly deleted: readonly Deleted[];
  readonly deprecated: readonly Deprecated[];
  readonly production: Production & Required<Pick<Production, 'except' | 'testPackages'>>;
  readonly reachable: Required<Reachable>;
  readonly standalone: readonly Standalone[];
  readonly cyclesOfTypes: boolean;
  readonly leaves: readonly Leaf[];
  readonly sideEffectFree: readonly string[];
  readonly unresolved: readonly string[];
  readonly conditions: readonly string[];
}
