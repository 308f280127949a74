import { basename } from 'node:path';
import { type DeprecationRow, type DeprecationRows, wayOf, whereOf } from './deprecation-rows.js';

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
    ...(retired.length === 0
      ? ['No code is retired.']
      : [
          'Retired codes, never used again:',
          '',
          ...retired.map((row) => `- ${row.code}: ${whereOf(row)}, gone since ${row.retired}.`),
        ]),
    '',
    ...deprecations.flatMap(section),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function section(row: DeprecationRow): string[] {
  const { code, kind, entry, status, since, removed_in, replacement, pending, reason } = row;
  const what = entry === '*' || kind === 'field' || kind === 'event' ? '' : `, a ${kind}`;
  const until =
    status === 'removed'
      ? `Removed in ${removed_in}: it keeps its types and fails at the first call.`
      : `Deprecated since ${since}, to be removed in ${removed_in}.`;
  const way = wayOf(row, (page) => `[${page}](${basename(page)})`);
  const silent = pending ? [' It warns only under `NODE_PENDING_DEPRECATION=1`.'] : [];
  return [
    `## ${code}`,
    '',
    `${whereOf(row)}${what}. ${until}${silent.join('')}`,
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

function quoted(text: string): string {
  return `\`${text}\``;
}
