import { describe, expect, it } from 'vitest';
import { DEFAULT_PLAN } from '../src/default-plan.js';
import { type FloorPlanOptions, floorPlan } from '../src/index.js';
import { expressionOf } from '../src/pattern.js';
import { spellingsOf } from '../src/spelling.js';

const layer = { name: 'a', files: ['src/a/**'] };
const texts = { why: 'Because.', instead: 'This.' };

describe('floorPlan', () => {
  it('adds rows to those that always hold', () => {
    const plan = floorPlan({
      owners: [{ dependency: 'pg', files: ['src/db/**'], ...texts }],
      production: { except: ['lab/**'] },
    });
    expect(plan.owners).toEqual([...DEFAULT_PLAN.owners, { dependency: 'pg', files: ['src/db/**'], ...texts }]);
    expect(plan.production.except).toEqual([...DEFAULT_PLAN.production.except, 'lab/**']);
    expect(plan.deleted).toEqual(DEFAULT_PLAN.deleted);
  });

  it('is the default plan without options, and itself when given a plan', () => {
    expect(floorPlan({})).toEqual(DEFAULT_PLAN);
    const plan = floorPlan({ layers: [layer], deleted: [{ module: 'old-registry', instead: 'This.' }] });
    expect(floorPlan(plan)).toEqual(plan);
  });

  it.each<[string, unknown]>([
    ['layer is no field of a plan. Known here: layers, owners', { layer: [] }],
    ['layers must be a list, not an object', { layers: {} }],
    ['layers[0].files is missing', { layers: [{ name: 'a' }] }],
    ['layers[0].files must be a list with something in it, not an empty list', { layers: [{ name: 'a', files: [] }] }],
    [
      "layers[0].files[0] must be a pattern relative to the root, such as src/domain/** or packages/*/src/**, not './src'",
      { layers: [{ name: 'a', files: ['./src'] }] },
    ],
    [
      "layers[0].files[0] must be a pattern relative to the root, such as src/domain/** or packages/*/src/**, not 'src/{a'",
      { layers: [{ name: 'a', files: ['src/{a'] }] },
    ],
    [
      "layers[0].files[0] must be a pattern relative to the root, such as src/domain/** or packages/*/src/**, not '../b/**'",
      { layers: [{ name: 'a', files: ['../b/**'] }] },
    ],
    ["layers[1].name is 'a' again", { layers: [layer, layer] }],
    [
      "layers[0].imports[0] names 'b', which is not below 'a'. Below it: none, since it is the lowest",
      {
        layers: [
          { ...layer, imports: ['b'] },
          { name: 'b', files: ['src/b/**'] },
        ],
      },
    ],
    [
      "layers[1].types[0] names 'c/x', which is not below 'b'. Below it: a",
      { layers: [layer, { name: 'b', files: ['src/b/**'], types: ['c/x'] }] },
    ],
    ['layers[0].browser must be true or false, not yes', { layers: [{ ...layer, browser: 'yes' }] }],
    ['owners[0] must say "files" or "package", and not both', { owners: [{ dependency: 'ws', ...texts }] }],
    ['owners[0].instead is missing', { owners: [{ dependency: 'ws', files: ['a/**'], why: 'Because.' }] }],
    ["deleted[0].module is 'ws': write six letters or more", { deleted: [{ module: 'ws', instead: 'This.' }] }],
    [
      "deprecated[0].package must be a text that is not empty, not ''",
      { deprecated: [{ package: '', instead: 'This.' }] },
    ],
    ['reachable.files is missing', { reachable: {} }],
    ['a plan must be an object, not null', null],
  ])('refuses: %s', (message, options) => {
    let caught: unknown;
    try {
      floorPlan(options as FloorPlanOptions);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'BoundariesError', code: 'PLAN_INVALID' });
    expect((caught as Error).message.replace("'yes'", 'yes')).toContain(message);
  });
});

describe('patterns', () => {
  it.each([
    ['src/**', ['src/a.ts', 'src/a/.b/c.ts'], ['src', 'lib/src/a.ts', 'srcs/a.ts']],
    ['**/test/**', ['test/a.ts', 'a/b/test/c/d.ts'], ['atest/a.ts', 'a/tests/b.ts']],
    ['packages/*/src/**', ['packages/core/src/a.ts'], ['packages/a/b/src/c.ts', 'packages/src/a.ts']],
    ['{packages,tools}/*/a.{ts,js}', ['packages/x/a.ts', 'tools/y/a.js'], ['examples/x/a.ts', 'tools/y/a.tsx']],
    ['src/[id]/(a)/b+c.t?', ['src/[id]/(a)/b+c.ts'], ['src/i/a/bbc.ts', 'src/[id]/(a)/b+c.t/']],
    ['a,b/**', ['a,b/c.ts'], ['a/c.ts']],
  ])('%s', (pattern, matching, others) => {
    const expression = new RegExp(expressionOf(pattern));
    expect(matching.filter((path) => !expression.test(path))).toEqual([]);
    expect(others.filter((path) => expression.test(path))).toEqual([]);
  });
});

describe('spellings', () => {
  it.each([
    'websocket-manager-factory',
    'WebSocketManagerFactory',
    'web_socket_manager_factory',
    'WEBSOCKET.MANAGER.FACTORY',
    'webSocket-managerFactory',
    'websocketmanagerfactory',
  ])('%s', (name) => {
    expect(name).toMatch(new RegExp(spellingsOf('websocket-manager-factory')));
  });

  it('are not those of other names', () => {
    expect('websocket-manager').not.toMatch(new RegExp(spellingsOf('websocket-manager-factory')));
    expect('websocket-manager/factory').not.toMatch(new RegExp(spellingsOf('websocket-manager-factory')));
  });
});
