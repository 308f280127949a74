/** One place where code breaks a rule. All texts are for the person who wrote that line. */
export interface Violation {
  /** The rule's name, as `README.md` lists it. */
  readonly rule: string;
  /** Relative to the root, with slashes. */
  readonly file: string;
  /** Both counted from 1; absent where the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  /** What the file reaches for: a path relative to the root, or a specifier that leads nowhere. */
  readonly to?: string;
  /** What is wrong. */
  readonly message: string;
  /** Why it matters. */
  readonly why: string;
  /** What to write instead, with the import to use. */
  readonly instead: string;
}
