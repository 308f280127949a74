import { expressionOf, matcher } from '../pattern.js';
import type { GraphRule } from '../rule.js';
import type { Finding } from '../syntax-rule.js';

/** Below some files no library may be found, however far down. */
export const standaloneStaysAlone: GraphRule = {
  name: 'standalone-stays-alone',
  why: 'Everybody carries this file, and with it all that it imports, however far away.',
  forbid: ({ plan }) =>
    plan.standalone.map(({ files }) => ({
      from: { path: files.map(expressionOf) },
      to: { path: ['(^|/)node_modules/'], reachable: true },
    })),
  judge: ({ plan, graph: { modules } }) =>
    plan.standalone.flatMap(({ files, why, instead }): Finding[] =>
      [...modules.keys()].filter(matcher(files)).flatMap((start) => {
        const cameFrom = new Map([[start, start]]);
        for (const path of cameFrom.keys()) {
          for (const { to } of modules.get(path) ?? []) {
            if (cameFrom.has(to)) continue;
            cameFrom.set(to, path);
            if (!/(^|\/)node_modules\//.test(to)) continue;
            const way = wayTo(to, cameFrom).join(' → ');
            return { file: start, to, message: `A library is found below this file: ${way}.`, why, instead };
          }
        }
        return [];
      }),
    ),
};

function wayTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end];
  for (let at = end; cameFrom.get(at) !== at; way.unshift(at)) at = cameFrom.get(at) ?? at;
  return way;
}
