/** A release: `2.0.0`, or `2.0.0-rc.1`, which counts as the release that it prepares. */
export type Version = readonly [major: number, minor: number, patch: number];

/** @throws for what is no version */
export function parseVersion(text: string): Version {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)(?:[-+][\w.+-]+)?$/.exec(text) ?? [];
  if (patch === undefined) throw new Error(`'${text}' is no version: write one such as 2.0.0.`);
  return [Number(major), Number(minor), Number(patch)];
}

/** Below 0 where one comes before another, above 0 where it comes after. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [parseVersion(one), parseVersion(other)];
  return first[0] - second[0] || first[1] - second[1] || first[2] - second[2];
}
