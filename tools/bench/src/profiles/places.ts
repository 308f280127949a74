// Where a function of a profile was written: the compiled processes have their source maps beside them.
import { readFileSync } from 'node:fs';
import type { Runtime } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { originalPositionFor, TraceMap, traceSegment } from '@jridgewell/trace-mapping';

/** Whose code it is. */
export type Origin = 'packages' | 'bench' | 'library' | 'node' | 'native';

export interface Place {
  readonly name: string;
  /** From the root of the repository or of a library, or the name of Node's own module. Empty: no JavaScript. */
  readonly file: string;
  /** First 1; 0 is unknown. */
  readonly line: number;
  readonly origin: Origin;
}

/** Finds the place of a function. */
export type Places = (frame: Runtime.CallFrame) => Place;

const repository = new URL('../../../../', import.meta.url).href;

/** @param programs the folder of the compiled processes, whose maps are read when they are first needed */
export function placesIn(programs: URL): Places {
  const maps = new Map<string, TraceMap>();
  const mapOf = (url: string): TraceMap => {
    const known = maps.get(url);
    if (known) return known;
    const map = new TraceMap(readFileSync(fileURLToPath(`${url}.map`), 'utf8'), `${url}.map`);
    maps.set(url, map);
    return map;
  };
  return (frame) => {
    const { url, lineNumber, columnNumber } = frame;
    const name = frame.functionName || '(anonymous)';
    if (!url.startsWith(programs.href)) return placeAt(name, url, lineNumber + 1);
    const map = mapOf(url);
    const { source, line } = originalPositionFor(map, { line: lineNumber + 1, column: columnNumber });
    return placeAt(nameIn(map, frame) ?? name, source ?? url, line ?? 0);
  };
}

/**
 * The name in the source, where the compiler had to give another because two files had the same. V8 says where the parameters
 * begin: the name is before.
 */
function nameIn(map: TraceMap, { functionName, lineNumber, columnNumber }: Runtime.CallFrame): string | undefined {
  const column = columnNumber - functionName.length;
  const segment = column < 0 ? null : traceSegment(map, lineNumber, column);
  return segment?.length === 5 && segment[0] === column ? map.names[segment[4]] : undefined;
}

function placeAt(name: string, url: string, line: number): Place {
  if (url === '') return { name, file: '', line: 0, origin: 'native' };
  if (!url.startsWith('file:')) return { name, file: url, line, origin: 'node' };
  // The last, for libraries within libraries.
  const library = url.split('/node_modules/').at(-1);
  if (library !== undefined && library !== url) return { name, file: library, line, origin: 'library' };
  const file = url.startsWith(repository) ? url.slice(repository.length) : fileURLToPath(url);
  return { name, file, line, origin: file.startsWith('packages/') ? 'packages' : 'bench' };
}
