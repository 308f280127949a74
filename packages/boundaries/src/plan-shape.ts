import { boundariesError } from './errors.js';

/** Looks at one value and throws PLAN_INVALID, naming the field, unless it is as it should be. */
type Check = (value: unknown, field: string) => void;

const refuse = (field: string, expected: string, value: unknown): never => {
  throw boundariesError('PLAN_INVALID', `${field} must be ${expected}, not ${shown(value)}.`);
};

const text: Check = (value, field) => {
  if (typeof value !== 'string' || value.trim() === '') refuse(field, 'a text that is not empty', value);
};

const flag: Check = (value, field) => {
  if (typeof value !== 'boolean') refuse(field, 'true or false', value);
};

const pattern: Check = (value, field) => {
  text(value, field);
  if (/^\.{0,2}\/|\\|\/$|(^|\/)\.\.(\/|$)/.test(value as string) || unbalanced(value as string)) {
    refuse(field, 'a pattern relative to the root, such as src/domain/** or packages/*/src/**', value);
  }
};

const list =
  (check: Check): Check =>
  (value, field) => {
    if (!Array.isArray(value)) refuse(field, 'a list', value);
    for (const [index, item] of (value as unknown[]).entries()) check(item, `${field}[${index}]`);
  };

const some =
  (check: Check): Check =>
  (value, field) => {
    list(check)(value, field);
    if ((value as unknown[]).length === 0) refuse(field, 'a list with something in it', value);
  };

/** An object of known fields; those in `needed` must be there. */
const fields =
  (known: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check =>
  (value, field) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      refuse(field || 'a plan', 'an object', value);
    const given = value as Readonly<Record<string, unknown>>;
    const prefix = field === '' ? '' : `${field}.`;
    for (const name of needed) {
      if (given[name] === undefined) throw boundariesError('PLAN_INVALID', `${prefix}${name} is missing.`);
    }
    for (const [name, item] of Object.entries(given)) {
      const check = Object.hasOwn(known, name) ? known[name] : undefined;
      if (check === undefined) {
        const names = Object.keys(known).join(', ');
        throw boundariesError('PLAN_INVALID', `${prefix}${name} is no field of a plan. Known here: ${names}.`);
      }
      if (item !== undefined) check(item, `${prefix}${name}`);
    }
  };

const layer = fields(
  { name: text, files: some(pattern), imports: list(text), types: list(text), browser: flag, libraries: flag },
  ['name', 'files'],
);
const owner = fields(
  { dependency: text, files: some(pattern), package: text, within: some(pattern), why: text, instead: text },
  ['dependency', 'why', 'instead'],
);

/** Checks everything about a plan that one field shows by itself. */
export const checkShape: Check = fields({
  layers: list(layer),
  owners: list(owner),
  entries: list(fields({ package: text, closed: some(pattern) }, ['package', 'closed'])),
  deleted: list(fields({ module: text, instead: text }, ['module', 'instead'])),
  deprecated: list(fields({ package: text, instead: text }, ['package', 'instead'])),
  production: fields({ files: some(pattern), except: list(pattern), testPackages: list(text) }),
  reachable: fields({ files: list(pattern), from: list(pattern) }, ['files']),
  standalone: list(fields({ files: some(pattern), why: text, instead: text }, ['files', 'why', 'instead'])),
  cyclesOfTypes: flag,
  leaves: list(fields({ folders: some(pattern), except: list(pattern) }, ['folders'])),
  sideEffectFree: list(text),
  unresolved: list(text),
  conditions: list(text),
});

function unbalanced(value: string): boolean {
  return (value.match(/[{}]/g) ?? []).join('').replaceAll('{}', '') !== '';
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value === null || typeof value !== 'object' ? String(value) : 'an object';
}
