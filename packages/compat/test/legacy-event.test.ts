import { describe, expect, test } from 'vitest';
import { errorOf, fieldsGiven, partsOf, readLegacyEvent } from '../src/legacy-event.js';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('S3 event types by their legacy names', () => {
  test.each([
    ['agent_start', 'agent_started'],
    ['agent_complete', 'agent_completed'],
    ['tool_execute', 'tool_executing'],
    ['tool_complete', 'tool_completed'],
    ['agent_failed', 'agent_completed'],
    ['agent_error', 'agent_completed'],
    ['agent_fallback', 'agent_completed'],
    ['stream_chunk', 'partial_result'],
    ['agent_response_chunk', 'partial_result'],
    ['notification', 'legacy.notification'],
    ['acme.note', 'acme.note'],
    ['agent_thinking', 'agent_thinking'],
  ])('%s is %s', (legacy, type) => {
    expect(readLegacyEvent(legacy, {})).toMatchObject({ type, legacyType: legacy !== type });
  });

  test.each(['constructor', 'valueOf', 'hasOwnProperty'])('%s is a name like any other', (name) => {
    const type = /[A-Z]/.test(name) ? name : `legacy.${name}`;
    expect(readLegacyEvent(name, { a: 1 })).toMatchObject({ type, fields: { a: 1 } });
  });

  test.each(['agent_failed', 'agent_error', 'agent_fallback'])('%s is a failure, whatever its status says', (type) => {
    expect(readLegacyEvent(type, { status: 'success' }).fields).toMatchObject({ outcome: 'failed' });
  });
});

describe('S3 fields by their legacy names, the first that is there', () => {
  test.each([
    ['agent_started', 'agent_name', ['agent_name', 'name']],
    ['agent_started', 'task_description', ['task_description', 'task']],
    ['agent_thinking', 'reasoning', ['reasoning', 'thought', 'thinking']],
    ['tool_executing', 'tool_name', ['tool_name', 'name']],
    ['tool_executing', 'parameters', ['parameters', 'params', 'tool_args']],
    ['tool_completed', 'results', ['results', 'result', 'output']],
    ['agent_completed', 'final_response', ['final_response', 'response', 'result']],
    ['partial_result', 'text', ['text', 'content', 'chunk']],
  ])('%s: %s', (type, field, names) => {
    for (const [index, name] of names.entries()) {
      const said = Object.fromEntries(names.slice(index).map((one) => [one, one]));
      const { fields, legacyFields } = readLegacyEvent(type, said);
      expect(fields[field], name).toBe(name);
      expect(legacyFields, name).toBe(name !== field);
    }
  });

  test('the name of a tool is not the name of its agent', () => {
    expect(readLegacyEvent('tool_executing', { name: 'sql' }).fields).toEqual({ name: 'sql', tool_name: 'sql' });
  });

  test('a field that is null is not there', () => {
    expect(readLegacyEvent('agent_thinking', { reasoning: null, thought: 'so' }).fields).toMatchObject({
      reasoning: 'so',
    });
  });

  test.each([
    [{ duration: 1.5 }, 1_500],
    [{ duration: 1_500 }, 1_500],
    [{ duration_ms: 1.5 }, 1.5],
    [{ elapsed_time: 1.5 }, 1.5],
    [{ execution_time: 12 }, 12],
    [{ duration: 0.25, duration_ms: 9 }, 250],
  ])('a fraction under duration is seconds, all else milliseconds: %j', (said, duration_ms) => {
    expect(readLegacyEvent('tool_completed', said).fields).toMatchObject({ duration_ms });
  });

  test.each([
    [undefined, 'succeeded'],
    ['completed', 'succeeded'],
    ['SUCCESS', 'succeeded'],
    ['failed', 'failed'],
    ['error', 'failed'],
    ['no idea', 'failed'],
  ])('status %s is outcome %s', (status, outcome) => {
    expect(readLegacyEvent('agent_completed', { status }).fields).toMatchObject({ outcome });
  });

  test('fields of custom events are left alone', () => {
    expect(readLegacyEvent('acme.note', { thought: 'x' })).toMatchObject({
      fields: { thought: 'x' },
      legacyFields: false,
    });
  });
});

test.each([
  [{ error: { code: 'E_SQL', message: 'no table' } }, { code: 'E_SQL', message: 'no table' }],
  [{ error: 'no table' }, { code: 'AGENT_FAILED', message: 'no table' }],
  [{ error_message: 'no table' }, { code: 'AGENT_FAILED', message: 'no table' }],
  [{ reason: 'no table' }, { code: 'AGENT_FAILED', message: 'no table' }],
  [{}, { code: 'AGENT_FAILED', message: 'It failed.' }],
])('why it failed: %j', (fields, error) => {
  expect(errorOf(fields)).toEqual(error);
});

describe('a message', () => {
  test.each([
    [
      { type: 'a', data: { x: 1 }, thread_id: 't' },
      { x: 1, thread_id: 't' },
    ],
    [{ type: 'a', payload: { x: 1 } }, { x: 1 }],
    [{ type: 'a', x: 1 }, { x: 1 }],
    [{ type: 'a', data: 'text' }, { value: 'text' }],
  ])('%j', (message, said) => {
    expect(partsOf(message)).toEqual({ type: 'a', said });
  });

  test.each([undefined, null, 'text', 7, [], {}, { type: 7 }])('%j is refused', (message) => {
    expect(thrownBy(() => partsOf(message))).toMatchObject({ code: 'MESSAGE_INVALID' });
  });

  test('data that is no object is refused', () => {
    expect(fieldsGiven(undefined)).toEqual({});
    expect(thrownBy(() => fieldsGiven('text'))).toMatchObject({ code: 'MESSAGE_INVALID' });
  });
});
