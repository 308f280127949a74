/** Whether a specifier is a path rather than a name: `./a.js`, `../b`, `/srv/c.js`, `file:///srv/c.js`. */
export function isPath(specifier: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}$|file:|[a-zA-Z]:[\\/])/.test(specifier);
}

/** The package that a specifier names: `@acme/core` of `@acme/core/auth`. Undefined for paths. */
export function packageOf(specifier: string): string | undefined {
  if (isPath(specifier)) return undefined;
  return /^(@[^/]+\/[^/]+|[^/@][^/]*)/.exec(specifier)?.[1];
}

/** The installed package that a path lies in: `ws` of `node_modules/ws/index.js`. Types count as their package. */
export function installedPackageOf(path: string): string | undefined {
  const inside = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)(?:\/|$)/.exec(path)?.[1];
  const typed = inside && /^@types\/(.+)$/.exec(inside)?.[1];
  return typed ? typed.replace(/^(.+)__(.+)$/, '@$1/$2') : inside;
}

/** An npm package in the cruiser's words, however it was reached: installed, by its types, by address, or not at all. */
export function packageExpressions(name: string): string[] {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, (character) => (character === '*' ? '[^/]+' : `\\${character}`));
  const typed = literal.replace(/^@([^/]+)\/(.+)$/, '$1__$2');
  return [
    `(^|/)node_modules/${literal}/`,
    `(^|/)node_modules/@types/${typed}/`,
    `^${literal}(/|$)`,
    `^npm:/?${literal}(@|/|$)`,
    `^https?://.*/${literal}(@|/|$)`,
  ];
}
