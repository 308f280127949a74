import { basename } from 'node:path';
import { type DeprecationRow, type DeprecationRows, wayOf, whereOf } from './deprecation-rows.js';
import { compareVersions, parseVersion } from './release-version.js';

/** The major versions that take something away that was announced before, in their order. */
export function removingMajors({ deprecations, retired }: DeprecationRows): number[] {
  const announced = [...deprecations, ...retired].filter(
    ({ since, removed_in }) => compareVersions(since, removed_in) < 0,
  );
  // Before the first major version, nobody is led from one to the next.
  const majors = new Set(announced.map(({ removed_in }) => parseVersion(removed_in)[0]));
  return [...majors].filter((major) => major > 0).toSorted((one, other) => one - other);
}

/**
 * The way to a major version, for those who use what it takes away: what goes, what to write instead, who does it.
 *
 * @throws for a major version that takes nothing away
 */
export function upgradeGuide({ deprecations, retired }: DeprecationRows, major: number): string {
  const rows = [...deprecations, ...retired].filter(
    ({ since, removed_in }) => parseVersion(removed_in)[0] === major && compareVersions(since, removed_in) < 0,
  );
  if (rows.length === 0) throw new Error(`${major}.0.0 takes nothing away that is announced.`);
  const uses = [...new Set(rows.map(({ replacement }) => replacement.use))];
  return `${[
    `# Upgrading to ${major}`,
    '',
    'Generated from the registry in `packages/compat/schema` by `npm run documents`. Do not edit.',
    '',
    `1. Install the last minor version before ${major}.0.0, all packages at once. Nothing changes but that it warns.`,
    '2. Run your tests and your service, and read the warnings: each names the calling line. `failOnDeprecation()` of `@throughline/test-kit` counts them,',
    '   `@throughline/compat/usage` writes the burn-down of what is deployed, and `npx throughline-boundaries burn-down` joins both.',
    '3. Replace what is below. `NODE_PENDING_DEPRECATION=1` shows what warns only when asked.',
    `4. When the burn-down is empty, install ${major}.0.0. Its changelogs say what else is new. Upgrade services first, pages after.`,
    '',
    `What ${major}.0.0 takes away, by what replaces it:`,
    '',
    ...uses.flatMap((use) =>
      section(
        use,
        rows.filter(({ replacement }) => replacement.use === use),
      ),
    ),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function section(use: string, rows: readonly DeprecationRow[]): string[] {
  const ways = [...new Set(rows.map((row) => wayOf(row, (page) => `[${page}](${basename(page)})`)))];
  const [first] = rows;
  return [
    `## ${use.replace(/\.$/, '')}`,
    '',
    ...rows.map(
      (row) =>
        `- [${row.code}](deprecations.md#${row.code.toLowerCase()}): ${whereOf(row)}, deprecated since ${row.since}.`,
    ),
    '',
    ways.join(' '),
    '',
    '```ts',
    first?.replacement.example ?? '',
    '```',
    '',
  ];
}
