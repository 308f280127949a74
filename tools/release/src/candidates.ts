import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What changesets notes down while candidates of a version are made: `npx changeset pre enter next`. */
export interface CandidateState {
  /** `exit`: the next version is a finished one. */
  readonly mode: 'pre' | 'exit';
  /** The channel: `next`. */
  readonly tag: string;
  /** Of each workspace, the finished version that the candidates come after. */
  readonly initialVersions: Readonly<Record<string, string>>;
  /** Names of the changesets that a candidate has told of already. */
  readonly changesets: readonly string[];
}

/** `undefined` while finished versions are made. */
export async function readCandidateState(root: string): Promise<CandidateState | undefined> {
  const text = await readFile(join(root, '.changeset/pre.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as CandidateState);
}

/** Which tag the next version gets: that of the candidates, or `latest`. */
export async function channelOf(root: string): Promise<string> {
  const state = await readCandidateState(root);
  return state?.mode === 'pre' ? state.tag : 'latest';
}
