import type { Node } from 'oxc-parser';
import type { ParsedFile } from '../parsed-file.js';
import type { Project } from '../project.js';
import { valuesOf } from './constant.js';
import { originOf } from './origin.js';
import type { Reader } from './reading.js';

/** Reads the expressions of one file. */
export function readerOf(file: ParsedFile, project: Project, depth = 0): Reader {
  const reader: Reader = {
    file,
    values: (node) => valuesOf(node, reader),
    origin: (node) => originOf(node, reader),
    elsewhere(specifier) {
      if (depth === MAX_FILES) return undefined;
      const to = project.graph.modules.get(file.path)?.find((one) => one.specifier === specifier)?.to;
      const other = to === undefined ? undefined : project.parse(to);
      return other && readerOf(other, project, depth + 1);
    },
    text: (node: Node) => file.text.slice(node.start, node.end),
  };
  return reader;
}

/** How many files a constant is followed through. */
const MAX_FILES = 6;
