import type { DependencyType, IForbiddenRuleType } from 'dependency-cruiser';

/** A rule with the name that a violation shows and the sentence that goes with it. */
export type BoundaryRule = IForbiddenRuleType & { readonly name: string; readonly comment: string };

/** A published package as the rules see it. */
export interface PackageEntries {
  /** The folder below `packages/`. */
  readonly name: string;
  /** Source file of each entry by what is written after the scope: `core` or `core/auth`. */
  readonly entries: Readonly<Record<string, string>>;
  /** Folders below `packages/` that its manifest names under "dependencies". */
  readonly declares: readonly string[];
}

/**
 * What each package may import of the others, downward only. `core` means every entry of core, `core/log` that one
 * alone. `types` may be imported with `import type` and no other way. A package without a row here is refused.
 */
export const LAYERS: Readonly<
  Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>
> = {
  events: { values: [] },
  core: { values: ['events'] },
  client: { values: ['events/protocol'], types: ['events'] },
  telemetry: { values: ['core'] },
  redis: { values: ['core/log', 'events/protocol'] },
  durable: { values: ['core/log', 'events/protocol'] },
  'test-kit': { values: ['core', 'client', 'events'] },
  compat: { values: ['core', 'events'] },
  boundaries: { values: ['compat/deprecations'] },
  migrate: { values: ['compat/deprecations'] },
};

const TESTS = '^(packages|tools|examples)/[^/]+/(test|bench|scripts)/';
const PRODUCTION = '^packages/[^/]+/src/';
const ONLY_TYPES: DependencyType[] = ['type-only', 'type-import'];
const FACTORY = '[wW]eb-?_?[sS]ocket-?_?[mM]anager-?_?[fF]actory';

/** An npm package, however it was reached: installed, through its separately published types, or not found at all. */
const npm = (name: string): string[] => [`(^|/)node_modules/(@types/)?${name}/`, `^${name}(/|$)`];

const literally = (path: string): string => `^${path.replaceAll('.', '\\.')}$`;

/** All rules for these packages. `from` and `to` are regular expressions on paths relative to the root. */
export function boundaryRules(packages: readonly PackageEntries[]): BoundaryRule[] {
  const rules = [
    ...packages.flatMap(layerRules(packages)),
    ...packages.map(siblingRule),
    ...entryRules(packages),
    ...GENERAL_RULES,
  ];
  return rules.map((rule) => ({ ...rule, severity: 'error' }));
}

/** The source files behind names as the table of layers has them. */
function sourcesOf(names: readonly string[], packages: readonly PackageEntries[]): string[] {
  return packages
    .flatMap(({ entries }) => Object.entries(entries))
    .filter(([name]) => names.some((allowed) => name === allowed || name.startsWith(`${allowed}/`)))
    .map(([, source]) => literally(source));
}

function layerRules(packages: readonly PackageEntries[]) {
  return ({ name }: PackageEntries): BoundaryRule[] => {
    const { values, types = [] } = LAYERS[name] ?? { values: [] };
    const allowed = sourcesOf(values, packages);
    const may = [...values, ...types.map((entry) => `types of ${entry}`)].join(', ') || 'no other package';
    const rule = {
      name: `layer-${name}`,
      comment: `Layers import downward only: ${name} may import ${may}. Move what it needs down, or hand it in as an argument.`,
      from: { path: `^packages/${name}/` },
    };
    const others = [`^packages/(?!${name}/)`, `^@throughline/(?!${name}(/|$))`];
    const unresolved = [...values, ...types].map((entry) => `^@throughline/${entry}(/|$)`);
    const onlyTypes = sourcesOf(types, packages).filter((source) => !allowed.includes(source));
    return [
      { ...rule, to: { path: others, pathNot: [...allowed, ...onlyTypes, ...unresolved] } },
      ...(onlyTypes.length > 0
        ? [{ ...rule, to: { path: onlyTypes, dependencyTypesNot: ['type-only' as const] } }]
        : []),
    ];
  };
}

/** The cruiser knows which npm packages are declared, but takes a sibling workspace for a plain file. */
function siblingRule({ name, declares }: PackageEntries): BoundaryRule {
  return {
    ...UNDECLARED,
    from: { path: `^packages/${name}/src/` },
    to: { path: `^packages/(?!(${[name, ...declares].join('|')})/)` },
  };
}

function entryRules(packages: readonly PackageEntries[]): BoundaryRule[] {
  const entries = packages.flatMap((one) => Object.values(one.entries)).map(literally);
  return [
    {
      name: 'entries-only',
      comment:
        'A file inside another package was imported: it can change without notice. Import an entry of its "exports" ' +
        'by name, or open a new entry there.',
      from: { path: '^((packages|tools|examples)/[^/]+)/' },
      to: {
        path: ['^packages/[^/]+/', '^@throughline/[^/]+/(src|dist|test)(/|$)'],
        pathNot: ['^$1/', ...entries],
      },
    },
    {
      name: 'no-relative-path-to-another-package',
      comment:
        'A relative path leaves the workspace: it works here and breaks once published. Import the package by name ' +
        'and declare it in "dependencies".',
      from: { path: '^((packages|tools|examples)/[^/]+)/' },
      to: {
        path: '^(packages|tools|examples)/[^/]+/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
  ];
}

const UNDECLARED = {
  name: 'production-declares-what-it-imports',
  comment:
    'A consumer installs the "dependencies" of this package and nothing else, so the import fails there. Declare it ' +
    'under "dependencies", or keep it out of src.',
};

const GENERAL_RULES: readonly BoundaryRule[] = [
  {
    name: 'no-cycle',
    comment:
      'Modules that load each other run in an order that nobody chose. Move what both need to a third one, or hand it ' +
      'in as an argument.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ONLY_TYPES } },
  },
  {
    name: 'no-cycle-of-types',
    comment:
      'Modules that know each other by type alone load well, but neither can be read, moved or replaced without the ' +
      'other. Move the type that both need to a module of its own.',
    from: {},
    to: { circular: true, via: { dependencyTypes: ONLY_TYPES } },
  },
  {
    name: 'no-unresolvable',
    comment:
      'The import leads nowhere: a missing package, a path that "exports" does not open, or a deleted file. Install ' +
      'and declare it, or import an entry.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-orphan',
    comment: 'Nothing imports this module and it imports nothing: it is dead, or was forgotten. Use it or delete it.',
    from: { orphan: true, pathNot: ['\\.d\\.[cm]?ts$', '^examples/[^/]+/public/'] },
    to: {},
  },
  {
    name: 'no-built-files',
    comment: 'What is built is absent or stale in a fresh checkout. Import the package by name.',
    from: {},
    to: { path: ['^(packages|tools|examples)/[^/]+/dist/', '^\\..*/dist/'] },
  },
  {
    name: 'ws-only-in-socket',
    comment:
      'One file owns the WebSocket library, so that no second way to a live socket can grow. Take a socket from the ' +
      'port in packages/core/src/socket.ts.',
    from: { path: '^(packages|examples)/', pathNot: ['^packages/core/src/socket\\.ts$', TESTS] },
    to: { path: npm('ws') },
  },
  {
    name: 'jose-only-in-auth',
    comment:
      'Tokens are judged in one place. Use the authenticator of @throughline/core/auth, or extend ' +
      'packages/core/src/auth*.',
    from: { path: PRODUCTION, pathNot: '^packages/core/src/auth[^/]*(/|$)' },
    to: { path: npm('jose') },
  },
  {
    name: 'no-node-in-browser-code',
    comment:
      'This code runs in browsers, where Node does not exist. Use what browsers and Node share, or take it as an ' +
      'argument.',
    from: { path: '^packages/(client|events)/src/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-library-in-browser-code',
    comment: 'The client weighs a few kB and brings no library along. Write the few lines that are needed.',
    from: { path: '^packages/client/src/' },
    to: { path: '(^|/)node_modules/' },
  },
  {
    name: 'protocol-depends-on-nothing',
    comment:
      'Every client carries the protocol, so nothing that it imports, however far away, may be a library. Move the ' +
      'part that needs one to another entry.',
    from: { path: '^packages/events/src/protocol\\.ts$' },
    to: { path: '(^|/)node_modules/', reachable: true },
  },
  {
    name: 'no-import-of-tools-or-examples',
    comment:
      'Tools and examples use the packages and nobody uses them, but for the integration tests, which try them. Move what is needed into a package.',
    from: { path: '^((packages|tools|examples)/[^/]+)/', pathNot: '^tools/integration/' },
    to: { path: ['^(tools|examples)/', '^@throughline-(tools|examples)/'], pathNot: '^$1/' },
  },
  {
    ...UNDECLARED,
    from: { path: PRODUCTION },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
  },
  {
    name: 'production-imports-no-tests',
    comment: 'Tests and scripts are not published. Move what production code needs to src.',
    from: { path: '^(packages|examples)/[^/]+/src/' },
    to: { path: TESTS },
  },
  ...(
    [
      { from: {}, to: { path: FACTORY } },
      { from: { path: FACTORY }, to: {} },
      { from: { path: FACTORY, orphan: true }, to: {} },
    ] as const
  ).map((ends) => ({
    name: 'no-websocket-manager-factory',
    comment:
      'The factory module was deleted and must not come back under any spelling. Use getWebSocketManager(userContext) ' +
      'of @throughline/core.',
    ...ends,
  })),
];
