/** One import, of whatever form, as it was resolved. */
export interface Import {
  /** What is written in the file: `./socket.js`, `ws`. */
  readonly specifier: string;
  /** Where it leads, relative to the root; the specifier itself where it leads nowhere; `fs` for `node:fs`. */
  readonly to: string;
  readonly resolved: boolean;
  /** Gone once compiled: `import type`, a type by `import()`, JSDoc. */
  readonly typeOnly: boolean;
  /** How it was resolved, in dependency-cruiser's words: `local`, `npm`, `npm-dev`, `core`, `aliased-workspace`, `export`… */
  readonly kinds: readonly string[];
}

/** The modules and what each imports. Installed packages are in it as ends, not followed. */
export interface Graph {
  /** Modules that were read, by path relative to the root. */
  readonly modules: ReadonlyMap<string, readonly Import[]>;
}
