import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type BuiltInEventType,
  type EventDataByType,
  findDataFault,
  isBuiltInEventType,
  isCustomEventType,
} from '../src/index.js';
import { codesIn, tableBelow } from './markdown.js';

/** Data of each type with every field it may have, and with none that it need not have. */
const full = {
  agent_started: { task_description: 'Find out.', message_id: 'm-1', parent_run_id: 'r-0', metadata: { a: [null] } },
  agent_thinking: { reasoning: 'Hm.', step_number: 0, progress: 0.5 },
  tool_executing: { tool_call_id: 'c-1', tool_name: 'sql', parameters: { query: 'select 1' } },
  tool_completed: { tool_call_id: 'c-1', tool_name: 'sql', success: true, results: [1], duration_ms: 1.5 },
  agent_completed: {
    outcome: 'failed',
    final_response: { any: 'value' },
    error: { code: 'X', message: '' },
    duration_ms: 0,
    usage: { tokens: 3 },
  },
  partial_result: { text: '' },
} satisfies { [type in BuiltInEventType]: EventDataByType[type] };

const bare = {
  agent_started: {},
  agent_thinking: { reasoning: '' },
  tool_executing: { tool_call_id: 'c', tool_name: 't', parameters: {} },
  tool_completed: {
    tool_call_id: 'c',
    tool_name: 't',
    success: false,
    error: { code: 'X', message: '' },
    duration_ms: 0,
  },
  agent_completed: { outcome: 'succeeded', duration_ms: 0 },
  partial_result: { text: '' },
} satisfies { [type in BuiltInEventType]: EventDataByType[type] };

const types = Object.keys(full) as BuiltInEventType[];

describe.each(types)('S8: %s', (type) => {
  test('takes what it may hold, and no more than it must', () => {
    expect(findDataFault(type, full[type])).toBeUndefined();
    expect(findDataFault(type, bare[type])).toBeUndefined();
  });

  test('takes a field that is undefined as one that is absent', () => {
    const optional = Object.keys(full[type]).filter((field) => !(field in bare[type]));
    const data = { ...bare[type], ...Object.fromEntries(optional.map((field) => [field, undefined])) };
    expect(findDataFault(type, data)).toBeUndefined();
  });

  test('names each field that it misses', () => {
    for (const field of Object.keys(bare[type])) {
      const { [field]: _, ...rest } = bare[type] as Record<string, unknown>;
      expect(findDataFault(type, rest)).toContain(field);
    }
  });

  test.each([null, undefined, 7, 'text', true, [], [{}]])('is no %j', (data) => {
    expect(findDataFault(type, data)).toBe('data must be object');
  });

  test.each(['extra', 'constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'names the field %s, which it does not have',
    (field) => {
      const data: unknown = JSON.parse(JSON.stringify(full[type]).replace('{', `{"${field}":"secret",`));
      expect(findDataFault(type, data)).toMatch(
        new RegExp(`^data has no field "${field}"$|^data must have required property`),
      );
      expect(findDataFault(type, data)).not.toContain('secret');
    },
  );
});

describe('each wrong field is named', () => {
  const long = 'x'.repeat(129);
  test.each<[BuiltInEventType, object, string]>([
    ['agent_started', { task_description: 1 }, 'data.task_description must be string'],
    ['agent_started', { message_id: '' }, 'data.message_id must NOT have fewer than 1 characters'],
    ['agent_started', { message_id: long }, 'data.message_id must NOT have more than 128 characters'],
    ['agent_started', { parent_run_id: 7 }, 'data.parent_run_id must be string'],
    ['agent_started', { metadata: [] }, 'data.metadata must be object'],
    ['agent_thinking', { reasoning: null }, 'data.reasoning must be string'],
    ['agent_thinking', { step_number: 1.5 }, 'data.step_number must be integer'],
    ['agent_thinking', { step_number: -1 }, 'data.step_number must be >= 0'],
    ['agent_thinking', { progress: 1.01 }, 'data.progress must be <= 1'],
    ['agent_thinking', { progress: -0.01 }, 'data.progress must be >= 0'],
    ['agent_thinking', { progress: Number.NaN }, 'data.progress must be number'],
    ['tool_executing', { tool_call_id: long }, 'data.tool_call_id must NOT have more than 128 characters'],
    ['tool_executing', { tool_name: '' }, 'data.tool_name must NOT have fewer than 1 characters'],
    ['tool_executing', { parameters: [1] }, 'data.parameters must be object'],
    ['tool_executing', { parameters: null }, 'data.parameters must be object'],
    ['tool_completed', { success: 'yes' }, 'data.success must be boolean'],
    ['tool_completed', { duration_ms: -1 }, 'data.duration_ms must be >= 0'],
    ['tool_completed', { duration_ms: Number.POSITIVE_INFINITY }, 'data.duration_ms must be number'],
    ['tool_completed', { error: { code: 'X', message: '' } }, 'data.error must be absent'],
    ['tool_completed', { success: false, error: { code: 'X', message: '' } }, 'data.results must be absent'],
    ['tool_completed', { success: false, results: undefined }, "data must have required property 'error'"],
    ['tool_completed', { success: false, results: undefined, error: { code: '' } }, 'data.error'],
    ['agent_completed', { outcome: 'ok' }, 'data.outcome must be one of succeeded, failed, cancelled, interrupted'],
    [
      'agent_completed',
      { error: { code: long, message: '' } },
      'data.error.code must NOT have more than 128 characters',
    ],
    ['agent_completed', { error: { code: 'X', message: 1 } }, 'data.error.message must be string'],
    ['agent_completed', { error: { code: 'X', message: '', stack: '…' } }, 'data.error has no field "stack"'],
    ['agent_completed', { usage: { tokens: '3' } }, 'data.usage.tokens must be number'],
    ['partial_result', { text: 1 }, 'data.text must be string'],
  ])('%s with %o: %s', (type, wrong, fault) => {
    expect(findDataFault(type, { ...full[type], ...wrong })).toContain(fault);
  });

  test('a long name is cut: whoever chose it does not fill a line of output', () => {
    const fault = findDataFault('partial_result', { text: '', ['x'.repeat(10_000)]: 1 });
    expect(fault).toBe(`data has no field "${'x'.repeat(64)}"`);
  });
});

test('R7: a fault never quotes a value, wherever the value stands', () => {
  const secret = 'sk-0f9a3c11';
  for (const type of types) {
    for (const field of Object.keys(full[type])) {
      for (const value of [secret, [secret], { deep: secret }, { code: 'X', message: '', [`f${type}`]: secret }]) {
        expect(findDataFault(type, { ...full[type], [field]: value }) ?? '').not.toContain(secret);
      }
    }
  }
});

test('what an application calls its own keys is its own business', () => {
  const metadata: unknown = JSON.parse('{"__proto__":1,"constructor":2,"toString":3}');
  expect(findDataFault('agent_started', { metadata })).toBeUndefined();
  expect(findDataFault('agent_completed', { ...bare.agent_completed, usage: metadata })).toBeUndefined();
});

test('what a value inherits does not count: it would not be in its JSON', () => {
  class Thought {
    get reasoning(): string {
      return 'Hm.';
    }
  }
  expect(findDataFault('agent_thinking', new Thought())).toBe("data must have required property 'reasoning'");
  expect(findDataFault('partial_result', Object.create({ text: 'x' }))).toBe("data must have required property 'text'");
  expect(findDataFault('agent_started', Object.create({ enumerable: 1 }))).toBeUndefined();
});

test('the names of a prototype are no event types', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
    expect(isBuiltInEventType(name)).toBe(false);
  }
  expect(types.every(isBuiltInEventType)).toBe(true);
});

test.each(['acme.invoice_ready', 'a.b', 'a.b.c.d', `${'a'.repeat(64)}.b9_`])('%s may name a custom event', (type) => {
  expect(isCustomEventType(type)).toBe(true);
});

test.each([
  'acme',
  'a.b.c.d.e',
  'Acme.ready',
  'acme.',
  '.acme',
  'a..b',
  '9a.b',
  'a.b"',
  'a.b\n',
  `${'a'.repeat(65)}.b`,
  '',
])('%j may not', (type) => {
  expect(isCustomEventType(type)).toBe(false);
});

describe('PROTOCOL.md, section 4', () => {
  const rows = tableBelow('## 4. Events', 'type | `data`');

  test('lists exactly the events of the schema', () => {
    expect(new Set(rows.map(([type = '']) => codesIn(type)[0]))).toEqual(new Set(types));
  });

  test.each(rows)('lists the fields of %s as the schema has them', (type = '', fields = '') => {
    const { definitions, properties } = JSON.parse(
      readFileSync(new URL('../schema/events.schema.json', import.meta.url), 'utf8'),
    ) as {
      definitions: Record<string, { required?: string[]; properties: object }>;
      properties: Record<string, { $ref: string }>;
    };
    const name = properties[codesIn(type)[0] ?? '']?.$ref.split('/').at(-1) ?? '';
    const schema = definitions[name];
    const fieldsOfSchema = Object.keys(schema?.properties ?? {}).map((field) => ({
      field,
      optional: !schema?.required?.includes(field),
    }));
    const outcomes = ['succeeded', 'failed', 'cancelled', 'interrupted'];
    const fieldsOfText = codesIn(fields)
      .filter((code) => !outcomes.includes(code))
      .map((code) => code.replace(/ ?\{.*\}/, ''))
      .map((code) => ({ field: code.replace('?', ''), optional: code.endsWith('?') || code === 'error' }));
    expect(fieldsOfText).toEqual(fieldsOfSchema);
  });
});
