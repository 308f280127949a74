import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { banOn } from './forbidden.js';
import { loadsOf } from './loaders.js';
import { mayLoad } from './mentions.js';
import { readerOf } from './reader.js';
import { stringsOf } from './reading.js';

/** A deleted, owned or closed module that is loaded in a way that the graph of imports does not show. */
export const noHiddenImport: SyntaxRule = {
  name: 'no-hidden-import',
  why: 'What is loaded behind the back of the import graph escapes every rule about it.',
  check(file, project) {
    if (!mayLoad(file.text)) return [];
    const reader = readerOf(file, project);
    const known = new Set(project.graph.modules.get(file.path)?.map(({ specifier }) => specifier));
    const found: Finding[] = [];
    for (const { node, specifier, by } of loadsOf(reader)) {
      for (const target of stringsOf(specifier, reader)) {
        // What the graph shows, its own rules judge.
        const ban = known.has(target) ? undefined : banOn(target, file.path, project);
        if (!ban) continue;
        found.push({
          file: file.path,
          ...file.lineOf(node.start),
          to: target,
          message: `${by} loads ${ban.what}.`,
          why: ban.why,
          instead: ban.instead,
        });
        break;
      }
    }
    return found;
  },
};
