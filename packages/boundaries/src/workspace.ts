/** A package of the checked repository: the root's own, or one of its workspaces. */
export interface Workspace {
  /** The package's name, or its folder where the manifest has none. */
  readonly name: string;
  /** Relative to the root, with slashes; `.` for the root itself. */
  readonly folder: string;
  /** Relative to the root: `packages/core/package.json`. */
  readonly manifestPath: string;
  readonly manifestText: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Finds the workspace that a file belongs to: the deepest one. */
export function workspaceFinder(workspaces: readonly Workspace[]): (path: string) => Workspace | undefined {
  const byFolder = new Map(workspaces.map((one) => [one.folder, one]));
  return (path) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const found = byFolder.get(path.slice(0, at));
      if (found) return found;
    }
    return byFolder.get('.');
  };
}

/** Whether a path lies in a folder; `.` holds everything. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '.' || path.startsWith(`${folder}/`);
}

/** The folders that hold workspaces, as parts of expressions: `packages` of `packages/core`. */
export function parentsOf(workspaces: readonly Workspace[]): string[] {
  const parents = workspaces
    .filter(({ folder }) => folder.includes('/'))
    .map(({ folder }) => folder.replace(/\/[^/]+$/, ''));
  return [...new Set(parents)].map((parent) => parent.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

/** A pattern of all files of a folder. */
export function filesOf({ folder }: Pick<Workspace, 'folder'>): string {
  return folder === '.' ? '**' : `${folder}/**`;
}

/** The names in one of the manifest's maps of dependencies. */
export function namesIn({ manifest }: Workspace, ...fields: readonly string[]): string[] {
  return fields.flatMap((field) => {
    const map = manifest[field];
    return typeof map === 'object' && map !== null ? Object.keys(map) : [];
  });
}
