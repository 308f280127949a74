// What a row of the registry of deprecations holds. Types only: schema/deprecations.schema.json says the same of the data.

/** Something that works for now, or that is gone and says so. */
export interface Deprecation {
  /** `TL_DEP0001` and up. Never used again for something else. */
  readonly code: string;
  readonly kind: 'function' | 'class' | 'type' | 'constant' | 'method' | 'field' | 'event';
  /** What is deprecated, as it is written. */
  readonly symbol: string;
  /** The path of this package that opens it, such as `./manager`; `*` for what every legacy manager has. */
  readonly entry: string;
  /** It is the default export of its entry as well. */
  readonly is_default?: true;
  /** `deprecated`: works and warns. `removed`: keeps its types and fails at the first call. */
  readonly status: 'deprecated' | 'removed';
  readonly since: string;
  /** The version in which it stops working. */
  readonly removed_in: string;
  readonly replacement: {
    /** One sentence. */
    readonly use: string;
    /** TypeScript. */
    readonly example: string;
  };
  /** The id of the codemod that does it, or `manual`. */
  readonly codemod: 'manager-class' | 'manager-getter' | 'manager-factory' | 'manager-type' | 'manual';
  /** Where the manual way is told: a page of the repository. */
  readonly page?: string;
  /** Warns only under `NODE_PENDING_DEPRECATION=1` or `--pending-deprecation`. Counted always. */
  readonly pending?: true;
  /** The version that no longer has it at all. Only the row is left, so that its code is never used again. */
  readonly retired?: string;
  readonly reason: string;
}
