import { type DeprecationRow, type DeprecationRows, wayOf, whereOf } from './deprecation-rows.js';
import { compareVersions, parseVersion } from './release-version.js';

/** Which release the section is for, and which one its reader comes from. */
export interface Release {
  readonly version: string;
  /** The release before it. Default: none, everything is news. */
  readonly previous?: string | undefined;
}

/**
 * The section of a changelog about deprecations: what is new, what is still there and for how long, and what is gone.
 *
 * @throws for versions that are none, or in the wrong order
 */
export function deprecationsChangelog(
  { deprecations, retired }: DeprecationRows,
  { version, previous }: Release,
): string {
  if (previous !== undefined && compareVersions(previous, version) >= 0) {
    throw new Error(`The release before ${version} cannot be ${previous}.`);
  }
  const happened = (when: string): boolean => compareVersions(when, version) <= 0;
  const isNews = (when: string): boolean =>
    happened(when) && (previous === undefined || compareVersions(when, previous) > 0);
  const removed = [...deprecations, ...retired].filter(({ removed_in }) => isNews(removed_in));
  const open = deprecations.filter(({ since, removed_in }) => happened(since) && !happened(removed_in));
  const sections = [
    section(
      'New',
      open.filter(({ since }) => isNews(since)),
      (row) => untilOf(row, version),
    ),
    section(
      'Still deprecated',
      open.filter(({ since }) => !isNews(since)),
      (row) => untilOf(row, version),
    ),
    section('Removed', removed, ({ removed_in }) => `removed in ${removed_in}`),
    section(
      'Retired',
      retired.filter((row) => isNews(row.retired ?? '')),
      (row) => `retired in ${row.retired}`,
    ),
  ].flat();
  return ['### Deprecations', '', ...(sections.length > 0 ? sections : ['Nothing is deprecated.', ''])].join('\n');
}

function section(title: string, rows: readonly DeprecationRow[], when: (row: DeprecationRow) => string): string[] {
  if (rows.length === 0) return [];
  return [
    `#### ${title}`,
    '',
    ...rows.map(
      (row) => `- ${row.code}: ${whereOf(row)}, ${when(row)}. ${row.replacement.use} ${wayOf(row, (page) => page)}`,
    ),
    '',
  ];
}

/** `to be removed in 2.0.0, the next major version`. */
function untilOf({ removed_in }: DeprecationRow, version: string): string {
  const [[major], [now]] = [parseVersion(removed_in), parseVersion(version)];
  const left = major - now;
  if (left === 0) return `to be removed in ${removed_in}`;
  return `to be removed in ${removed_in}, ${left === 1 ? 'the next major version' : `${left} major versions from now`}`;
}
