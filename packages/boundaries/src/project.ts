import type { FloorPlan } from './floor-plan.js';
import type { Graph } from './graph.js';
import type { PackageEntry } from './package-entries.js';
import type { ParsedFile } from './parsed-file.js';
import type { Workspace } from './workspace.js';

/** All that a rule may look at. */
export interface Project {
  readonly plan: FloorPlan;
  readonly workspaces: readonly Workspace[];
  readonly graph: Graph;
  /** The package that a file belongs to: the deepest one. */
  readonly workspaceOf: (path: string) => Workspace | undefined;
  /** Whether a file counts as production code of this plan (not a test, an example, a script). */
  readonly isProduction: (path: string) => boolean;
  /** The entries of an installed package by its folder (`node_modules/ws`); undefined where it opens everything. */
  readonly entriesOfInstalled: (folder: string) => readonly PackageEntry[] | undefined;
  /** The text of any file below the root; undefined for what is not there or cannot be read. */
  readonly read: (path: string) => string | undefined;
  /** Reads and parses another file of the graph; undefined for what cannot be read. The newest ones are kept. */
  readonly parse: (path: string) => ParsedFile | undefined;
}
