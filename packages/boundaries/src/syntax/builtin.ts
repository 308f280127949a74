// Functions of the platform that make strings of strings.
import { posix } from 'node:path';
import type { Node } from 'oxc-parser';
import { GAP, textOf, UNKNOWN, type Value } from './value.js';

type Values = readonly (readonly Value[])[];

/** Combinations of arguments that are tried. */
const MAX_COMBINATIONS = 128;

/** What a global function or one of Node's returns, by where it comes from; undefined for those that are not known. */
export function builtinCall(origin: string, values: Values): readonly Value[] | undefined {
  const call = FUNCTIONS.get(origin);
  return call && combinations(values).map((texts) => attempt(() => call(...texts), texts, KEEPS_GAPS.test(origin)));
}

/** Functions that leave the unknown parts of a text where they are. Of what the others make nothing is known then. */
const KEEPS_GAPS = /^(path[#/].*|url#.*|String(\.raw)?|.*\.resolve)$/;

type OfStrings = (...texts: string[]) => string;

const joinPaths: OfStrings = (...parts) => {
  const path = posix.join(...parts.map((part) => part.replace(/^file:\/\//, '')));
  // A path that was relative stays one that can be told from a package's name.
  return /^\.\.?(\/|$)/.test(parts[0] ?? '') && !path.startsWith('.') ? `./${path}` : path;
};

const decodeBase64: OfStrings = (text) => Buffer.from(text, 'base64').toString('latin1');

const FUNCTIONS: ReadonlyMap<string, OfStrings> = new Map<string, OfStrings>([
  ['String', (text) => text],
  ['String.raw', (text) => text],
  ['String.fromCharCode', (...codes) => String.fromCharCode(...codes.map(Number))],
  ['String.fromCodePoint', (...codes) => String.fromCodePoint(...codes.map(Number))],
  ['atob', decodeBase64],
  ['decodeURIComponent', (text) => decodeURIComponent(text)],
  ['decodeURI', (text) => decodeURI(text)],
  ['unescape', (text) => decodeURIComponent(text)],
  ['JSON.parse', (text) => String(JSON.parse(text))],
  ['Buffer.from', (text, encoding) => Buffer.from(text, (encoding || 'utf8') as BufferEncoding).toString('utf8')],
  [
    'buffer#Buffer.from',
    (text, encoding) => Buffer.from(text, (encoding || 'utf8') as BufferEncoding).toString('utf8'),
  ],
  ...['path#', 'path/posix#', 'path#posix.'].flatMap((path): [string, OfStrings][] => [
    [`${path}join`, joinPaths],
    [`${path}resolve`, joinPaths],
    [`${path}normalize`, joinPaths],
    [`${path}dirname`, (text) => posix.dirname(text)],
    [`${path}basename`, (text, suffix) => posix.basename(text, suffix)],
  ]),
  ['url#fileURLToPath', (text) => text.replace(/^file:\/\//, '')],
  ['url#pathToFileURL', (text) => (text.startsWith('.') ? text : `file://${text}`)],
  ['process.cwd', () => '.'],
  // What these answer leads to the same module as what they were asked.
  ['require.resolve', (text) => text],
  ['import.meta.resolve', (text) => text],
]);

/** What a method of a string or a list returns. `first` is its first argument as it is written. */
export function methodOf(value: Value, name: string, values: Values, first: Node | undefined): readonly Value[] {
  if (typeof value === 'string') return ofString(value, name, values, first);
  if (typeof value === 'number')
    return name === 'toString' ? [value.toString(Number(values[0]?.[0] ?? 10))] : [UNKNOWN];
  if (value === null || typeof value !== 'object' || !('items' in value)) return [UNKNOWN];
  const { items } = value;
  switch (name) {
    case 'join':
      return combinations(items.length > 0 ? items : [['']], values[0] ?? [',']);
    case 'reverse':
    case 'toReversed':
      return [{ items: [...items].reverse() }];
    case 'concat':
      return [{ items: [...items, ...values.flatMap((one) => [one])] }];
    case 'slice':
      return [{ items: items.slice(numberOf(values[0]), numberOf(values[1])) }];
    case 'at':
      return items.at(numberOf(values[0]) ?? 0) ?? [UNKNOWN];
    case 'pop':
      return items.at(-1) ?? [UNKNOWN];
    case 'shift':
      return items[0] ?? [UNKNOWN];
    default:
      return [UNKNOWN];
  }
}

function ofString(text: string, name: string, values: Values, first: Node | undefined): readonly Value[] {
  const method = STRING_METHODS.get(name);
  if (name === 'split') return [{ items: text.split(textOf(values[0]?.[0] ?? GAP)).map((part) => [part]) }];
  if (!method) return [UNKNOWN];
  const pattern = first?.type === 'Literal' && first.value instanceof RegExp ? first.value : undefined;
  if (pattern) {
    const by = values[1]?.[0];
    return name.startsWith('replace') && typeof by === 'string' ? [text.replace(pattern, by)] : [UNKNOWN];
  }
  const keeps = ['toString', 'trim', 'concat', 'replace', 'replaceAll', 'toLowerCase'].includes(name);
  return combinations(values).map((texts) => attempt(() => method(text, ...texts), [text, ...texts], keeps));
}

const STRING_METHODS: ReadonlyMap<string, OfStrings> = new Map<string, OfStrings>([
  ['toString', (text) => text],
  ['valueOf', (text) => text],
  ['toLowerCase', (text) => text.toLowerCase()],
  ['toUpperCase', (text) => text.toUpperCase()],
  ['trim', (text) => text.trim()],
  ['trimStart', (text) => text.trimStart()],
  ['trimEnd', (text) => text.trimEnd()],
  ['normalize', (text) => text.normalize()],
  ['concat', (...texts) => texts.join('')],
  ['replace', (text, from = '', to = '') => text.replace(from, () => to)],
  ['replaceAll', (text, from = '', to = '') => text.replaceAll(from, () => to)],
  ['slice', (text, from, to) => text.slice(Number(from ?? 0), to === undefined ? undefined : Number(to))],
  ['substring', (text, from, to) => text.substring(Number(from ?? 0), to === undefined ? undefined : Number(to))],
  [
    'substr',
    (text, from, length) =>
      text.slice(Number(from ?? 0), length === undefined ? undefined : Number(from ?? 0) + Number(length)),
  ],
  ['charAt', (text, at) => text.charAt(Number(at ?? 0))],
  ['at', (text, at) => text.at(Number(at ?? 0)) ?? ''],
  ['repeat', (text, times) => text.repeat(Math.min(Number(times ?? 0), 64))],
  ['padStart', (text, length, fill) => text.padStart(Math.min(Number(length), 256), fill)],
  ['padEnd', (text, length, fill) => text.padEnd(Math.min(Number(length), 256), fill)],
]);

/** Every combination of the arguments as strings, unknown parts as gaps. With `by`, joined: what `join` returns. */
function combinations(values: Values): string[][];
function combinations(values: Values, by: readonly Value[]): string[];
function combinations(values: Values, by?: readonly Value[]): string[][] | string[] {
  let found: string[][] = [[]];
  for (const one of values) {
    if (found.length * one.length > MAX_COMBINATIONS) return by ? [GAP] : [values.map(() => GAP)];
    found = found.flatMap((texts) => one.map((value) => [...texts, textOf(value)]));
  }
  return by ? found.flatMap((texts) => by.map((separator) => texts.join(textOf(separator)))) : found;
}

function numberOf(values: readonly Value[] | undefined): number | undefined {
  const [first] = values ?? [];
  return typeof first === 'number' ? first : undefined;
}

/** Text that makes a function of the platform throw makes the program throw: nothing is loaded. */
function attempt(call: () => string, texts: readonly string[], keepsGaps: boolean): Value {
  if (!keepsGaps && texts.some((text) => text.includes(GAP))) return UNKNOWN;
  try {
    return call();
  } catch {
    return UNKNOWN;
  }
}
