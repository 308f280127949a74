import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { isThroughlineError } from '../src/errors.js';
import { resolveOptions, type ServiceOptions } from '../src/options.js';

const right: ServiceOptions = { server: createServer(), authenticate: () => null };

function faultOf(wrong: Record<string, unknown>): string {
  try {
    resolveOptions({ ...right, ...wrong } as ServiceOptions);
    return '';
  } catch (error) {
    if (isThroughlineError(error, 'OPTION_INVALID')) return error.message;
    throw error;
  }
}

test('what has a default has a value', () => {
  expect(resolveOptions(right)).toMatchObject({
    path: '/ws',
    heartbeatMs: 25_000,
    expiryGraceMs: 10_000,
    maxRunMs: 900_000,
    maxEventBytes: 262_144,
    ackWindowBytes: 131_072,
    name: 'throughline',
    slowReaders: 'wait',
    slowReaderMs: 60_000,
    undeliveredAfterMs: 30_000,
  });
  expect(resolveOptions({ ...right, maxRunMs: 5, path: '/live' })).toMatchObject({ maxRunMs: 5, path: '/live' });
});

test.each<[string, unknown]>([
  ['server', undefined],
  ['server', null],
  ['server', {}],
  ['authenticate', undefined],
  ['authenticate', 'jwt'],
  ['path', 'ws'],
  ['path', ''],
  ['path', '/ws?from=active'],
  ['path', '/ws#top'],
  ['path', '/w s'],
  ['path', 7],
  ['messages', {}],
  ['messages', 'schema'],
  ['messages', null],
  ['onMessage', {}],
  ['onMessage', null],
  ['readiness', {}],
  ['readiness', 'redis'],
  ['readiness', [null]],
  ['readiness', [{ name: 'redis' }]],
  ['readiness', [{ check: () => {} }]],
  ['allowedOrigins', 'https://app.example'],
  ['allowedOrigins', ['app.example']],
  ['allowedOrigins', ['https://app.example/']],
  ['allowedOrigins', ['https://app.example', '*']],
  ['allowedOrigins', [null]],
  ['cookieName', ''],
  ['cookieName', 'a b'],
  ['cookieName', 'a=b'],
  ['cookieName', 7],
  ['log', {}],
  ['log', 'redis://'],
  ['redact', true],
  ['telemetry', {}],
  ['scheduler', {}],
  ['scheduler', { now: Date.now }],
  ['name', ''],
  ['name', 'x'.repeat(129)],
  ['name', 7],
  ['onUndelivered', {}],
  ['onUndelivered', null],
  ['onUndelivered', 'mail'],
  ['traceparent', null],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['slowReaders', ''],
  ['slowReaders', 'drop'],
  ['slowReaders', null],
  ['slowReaders', ['wait']],
  ['slowReaders', () => 'wait'],
  ['handshakesPerAddress', 5],
  ['refusalsPerAddress', { burst: 0, perSecond: 1 }],
  ['framesPerSession', { burst: 1.5, perSecond: 1 }],
  ['messagesPerUser', { burst: 1, perSecond: 0 }],
  ['messagesPerUser', { burst: 1 }],
])('the option %s is not %j', (name, value) => {
  expect(faultOf({ [name]: value })).toMatch(new RegExp(`^Option ${name} must be `));
});

test.each<[string, number, number]>([
  ['heartbeatMs', 1_000, 3_600_000],
  ['expiryGraceMs', 0, 3_600_000],
  ['maxRunMs', 1, 2_147_483_647],
  ['cancelGraceMs', 0, 2_147_483_647],
  ['authenticateTimeoutMs', 1, 600_000],
  ['maxHandshakes', 1, 65_536],
  ['maxEventBytes', 1_024, 16_777_216],
  ['maxFrameBytes', 1_024, 16_777_216],
  ['maxPendingBytes', 1_024, 1_073_741_824],
  ['maxPendingMessages', 1, 1_000_000],
  ['maxConcurrentMessages', 1, 1_024],
  ['ackWindowBytes', 32_768, 1_073_741_824],
  ['socketBufferBytes', 1_024, 1_073_741_824],
  ['trustProxy', 0, 16],
  ['maxSessionsPerUser', 1, 10_000],
  ['maxSessions', 1, 10_000_000],
  ['ticketTtlMs', 1_000, 600_000],
  ['slowReaderMs', 0, 86_400_000],
  ['undeliveredAfterMs', 1, 86_400_000],
])('the option %s is an integer from %i to %i', (name, least, most) => {
  expect(faultOf({ [name]: least })).toBe('');
  expect(faultOf({ [name]: most })).toBe('');
  for (const value of [least - 1, most + 1, least + 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1000', {}]) {
    expect(faultOf({ [name]: value })).toContain(`Option ${name} must be an integer from ${least} to ${most}, not `);
  }
});

test.each(['wait', 'reset', 'close'] as const)('slow readers may be told to %s', (slowReaders) => {
  expect(resolveOptions({ ...right, slowReaders })).toMatchObject({ slowReaders });
});

test('functions are taken as they are, and asked nothing', () => {
  const onUndelivered = () => expect.unreachable();
  const traceparent = () => expect.unreachable();
  expect(resolveOptions({ ...right, onUndelivered, traceparent })).toMatchObject({ onUndelivered, traceparent });
});

test('an option that does not exist is named: it was meant to do something', () => {
  expect(faultOf({ heartbeat: 1 })).toContain('Option heartbeat is no option of a service.');
  expect(faultOf({ toString: 1 })).toContain('Option toString is no option');
});

test('no options at all are no reason to throw anything else', () => {
  for (const options of [undefined, null, 7]) {
    expect(() => resolveOptions(options as unknown as ServiceOptions)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  }
});
