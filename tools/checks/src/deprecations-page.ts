import { basename } from 'node:path';
import { DEPRECATING_PACKAGE, type DeprecationRow, type DeprecationRows } from './deprecation-rows.js';

/** docs/deprecations.md: everything that is deprecated, until when, and what to write instead. */
export function deprecationsPage({ deprecations, retired }: DeprecationRows): string {
  const overview = deprecations.map(
    ({ code, symbol, removed_in, replacement }) =>
      `| [${code}](#${code.toLowerCase()}) | ${quoted(symbol)} | ${removed_in} | ${replacement.use.replaceAll('|', '\\|')} |`,
  );
  return `${[
    '# Deprecations',
    '',
    'Generated from the registry in `packages/compat/schema` by `npm run documents`. Do not edit.',
    '',
    '| code | what | removed in | instead |',
    '|---|---|---|---|',
    ...overview,
    '',
    retired.length === 0 ? 'No code is retired.' : `Retired codes, never used again: ${retired.join(', ')}.`,
    '',
    ...deprecations.flatMap(section),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function section(row: DeprecationRow): string[] {
  const { code, status, since, removed_in, replacement, codemod, page, pending, reason } = row;
  const until =
    status === 'removed'
      ? `Removed in ${removed_in}: it keeps its types and fails at the first call.`
      : `Deprecated since ${since}, to be removed in ${removed_in}.`;
  const way = page === undefined ? `The codemod \`${codemod}\` does it.` : `By hand: [${page}](${basename(page)}).`;
  const silent = pending ? [' It warns only under `NODE_PENDING_DEPRECATION=1`.'] : [];
  return [
    `## ${code}`,
    '',
    `${whereOf(row)} ${until}${silent.join('')}`,
    '',
    reason,
    '',
    `${replacement.use} ${way}`,
    '',
    '```ts',
    replacement.example,
    '```',
    '',
  ];
}

function whereOf({ symbol, kind, entry }: DeprecationRow): string {
  if (kind === 'field' || kind === 'event')
    return `${symbol[0]?.toUpperCase()}${symbol.slice(1)}, wherever a legacy manager takes events.`;
  if (entry === '*') return `${quoted(symbol)} of every legacy manager.`;
  return `${quoted(symbol)} of ${quoted(DEPRECATING_PACKAGE + entry.slice(1))}, a ${kind}.`;
}

function quoted(text: string): string {
  return `\`${text}\``;
}
