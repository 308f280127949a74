import type { Planted } from '../syntax/planted.js';

/** A way around the boundaries, as a tiny project. */
export interface Trick extends Planted {
  readonly name: string;
  /** The rule that stops it; for the few that get through, why they do. */
  readonly stoppedBy?: string;
  readonly getsThrough?: string;
}

/** A trick that takes one file. */
export function trick(name: string, stoppedBy: string, text: string, installs: readonly string[] = ['ws']): Trick {
  return { name, stoppedBy, installs, files: { 'src/trick.ts': text } };
}
