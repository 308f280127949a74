// What changesets writes into the changelogs, for those who use the packages. Plain JavaScript, because changesets loads it itself.

/** The paragraph of a changeset that says in one line what its readers have to do: "Migration: `npx …`". */
const MIGRATION = /^Migration: *(\S.*)$/m;

/** @type {import('@changesets/types').GetReleaseLine} */
const getReleaseLine = async ({ id, summary }, type) => {
  const migration = MIGRATION.exec(summary)?.[1];
  if (type === 'major' && migration === undefined) {
    throw new Error(
      `.changeset/${id}.md breaks what people use and does not say what they do about it: add a line "Migration: …", with the command if there is one.`,
    );
  }
  const [first = '', ...rest] = summary.replace(MIGRATION, '').trim().split('\n');
  const more = rest.map((line) => (line.trim() === '' ? '' : `  ${line.trimEnd()}`));
  const last = migration === undefined ? [] : ['', `  **Migration:** ${migration}`];
  return [`- ${first}`, ...more, ...last].join('\n').replace(/\n{3,}/g, '\n\n');
};

/**
 * All packages share a version: that the siblings moved along is no news.
 *
 * @type {import('@changesets/types').GetDependencyReleaseLine}
 */
const getDependencyReleaseLine = async () => '';

/** @type {import('@changesets/types').ChangelogFunctions} */
export default { getReleaseLine, getDependencyReleaseLine };
