import type { ParsedFile } from './parsed-file.js';
import type { Project } from './project.js';
import type { Violation } from './violation.js';
import type { Workspace } from './workspace.js';

/** What a rule says of one place; the rule's name and, unless it is given, its `why` are added to it. */
export interface Finding extends Omit<Violation, 'rule' | 'why'> {
  readonly why?: string;
  /** The import that is meant: its line is looked up where `line` is absent. */
  readonly specifier?: string;
}

/** A rule that reads the syntax tree of one file at a time. */
export interface SyntaxRule {
  readonly name: string;
  readonly why: string;
  /**
   * Look at `file.text` first and ask for `file.program` only where the text may break the rule. Mind escapes:
   * `\u0057ebSocket` is the same name.
   */
  readonly check: (file: ParsedFile, project: Project) => Finding[];
}

/** A rule that reads one `package.json` at a time. */
export interface ManifestRule {
  readonly name: string;
  readonly why: string;
  readonly check: (workspace: Workspace, project: Project) => Finding[];
}
