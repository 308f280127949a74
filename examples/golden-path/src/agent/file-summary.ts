import type { Corpus } from './corpus.js';
import type { FileReader } from './file-reader.js';
import { outlineOf } from './outline.js';
import type { Task } from './task.js';

const mostEntries = 14;

/** Reads a file and says what is in it: its opening words, and its parts with their lines. */
export async function summarise(
  path: string,
  files: FileReader,
  corpus: Corpus,
  { voice, draft, think }: Task,
): Promise<void> {
  await think(`I am asked for a file: ${path}. I read it and see how it is made. `);
  const read = await voice.useTool('read_file', { path }, () => files.read(path));
  const file = corpus.files.get(read.path);
  if (file === undefined) return;
  const { entries, opening } = outlineOf(file, corpus);
  const parts = file.path.endsWith('.md') ? 'sections' : 'exports';
  await think(`${read.total_lines} lines, ${entries.length} ${parts}. Its opening and its parts make the summary. `);
  await draft.say(`\`${read.path}\` has ${read.total_lines} lines.`);
  if (opening !== undefined) await draft.say(` It begins: ${opening.text} ${draft.cite(opening)}`);
  if (entries.length === 0) return;
  await draft.say(`\n\nIts ${parts}:\n`);
  for (const entry of entries.slice(0, mostEntries)) await draft.say(`\n- ${entry.title} (line ${entry.line})`);
  if (entries.length > mostEntries) await draft.say(`\n- and ${entries.length - mostEntries} more`);
}
