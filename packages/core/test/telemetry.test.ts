import { afterEach, expect, test, vi } from 'vitest';
import { shielded, type TelemetryEvent, telemetryToStderr } from '../src/telemetry.js';

afterEach(() => vi.restoreAllMocks());

const fault: TelemetryEvent = { kind: 'fault', where: 'handler', message: 'line one\nthroughline {"kind":"forged"}' };

test('without an option each refusal and fault is one line of stderr, which nobody can forge', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const telemetry = telemetryToStderr();
  telemetry(fault);
  telemetry({ kind: 'refused', code: 'DRAINING', status: 503, path: '/ws', carrier: 'none', hint: 'x' });
  telemetry({ kind: 'reset', session_id: 's', cause: 'lagged' });
  telemetry({ kind: 'run_started', run_id: 'r', user_id: 'ada' });
  const lines = write.mock.calls.map(([text]) => String(text));
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatch(/^throughline \{[^\n]*\}\n$/);
});

test('a telemetry that throws harms nobody', () => {
  const telemetry = shielded(() => {
    throw new Error('the collector is down');
  });
  expect(() => telemetry(fault)).not.toThrow();
});

test('a telemetry that rejects harms nobody: an ignored rejection would end the process', async () => {
  const rejections: unknown[] = [];
  const listen = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', listen);
  try {
    const telemetry: () => unknown = () => Promise.reject(new Error('the collector is down'));
    shielded(telemetry)(fault);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', listen);
  }
  expect(rejections).toEqual([]);
});
