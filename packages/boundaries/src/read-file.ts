import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Above this a module is no source that a person wrote, and its tree would not fit into memory beside the others. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A file's text, or why it has none. */
export interface ReadText {
  readonly text?: string;
  readonly problem?: string;
}

/** Reads a module. What is too large, no UTF-8 or unreadable is named, never passed over. */
export function readModule(root: string, path: string): ReadText {
  try {
    const { size } = statSync(join(root, path));
    if (size > MAX_BYTES) {
      const megabytes = (size / (1024 * 1024)).toFixed(1);
      return {
        problem: `${path} was not checked: it has ${megabytes} MB, and 4 are the limit. What is built belongs in dist.`,
      };
    }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(root, path))) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return { problem: `${path} was not checked: it is not UTF-8. Save it as UTF-8.` };
    }
    return { problem: `${path} was not checked: ${message}` };
  }
}
