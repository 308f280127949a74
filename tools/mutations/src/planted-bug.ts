// A planted bug: one change that would hurt somebody, and the tests that must notice it.

/** One entry of the list in `planted/`. */
export interface PlantedBug {
  /** Says what goes wrong. Unique. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. Short, so that it outlives edits around it. */
  readonly find: string;
  readonly replace: string;
  /** What a user, or who runs the service, would suffer. */
  readonly harm: string;
  /** It was there once, and was fixed. */
  readonly real?: true;
  /** Test files, from the root of the repository, of which at least one must fail. */
  readonly killedBy: readonly string[];
  /** Why it may survive: it changes nothing that anybody could see, or what it changes is put up with. */
  readonly accepted?: string;
}

/** Plants a bug in the text of its file. @throws Error when the text no longer has the place for it, or has it twice */
export function plant(text: string, { name, file, find, replace }: PlantedBug): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${name}: ${file} has its text ${parts.length - 1} times, not once.`);
  if (find === replace) throw new Error(`${name} changes nothing.`);
  return parts.join(replace);
}
