// R20: a suite is worth what it finds. Each fault is planted alone, and the check that is there for it must fail.
import { describe, expect, test } from 'vitest';
import { checks } from '../src/mission/checks.js';
import { plantedFaults } from './mission-faults.js';
import { startRelay } from './mission-relay.js';
import { fly, namesOf, startMissionService } from './mission-service.js';

/** What never comes is waited for until then. */
const brief = ['--deadline', '6', '--answer-deadline', '3'];

test('a relay that does nothing wrong is not noticed', async () => {
  await using service = await startMissionService();
  await using relay = await startRelay(service.url, {});
  const flight = await fly([relay.url, ...brief], service.environment);
  expect([flight.code, namesOf(flight, 'failed'), flight.error]).toEqual([0, [], '']);
});

describe.concurrent('S12, R20: a deployed service that', () => {
  test.each(plantedFaults)('$name is found by $finds', async ({ plant, finds, also = [], says = '' }) => {
    await using service = await startMissionService();
    const { THROUGHLINE_TOKEN: first = '', THROUGHLINE_OTHER_TOKEN: second = '' } = service.environment;
    await using relay = await startRelay(service.url, plant({ first, second }));
    const flight = await fly([relay.url, ...brief], service.environment);
    const failed = namesOf(flight, 'failed');
    expect(flight.code, flight.out).toBe(1);
    expect(failed, flight.out).toContain(finds);
    expect(flight.out).toContain(says);
    expect([finds, ...also], flight.out).toEqual(expect.arrayContaining(failed));
    for (const token of [first, second]) {
      expect(flight.out).not.toContain(token);
      expect(flight.out).not.toContain(Buffer.from(token).toString('base64url'));
    }
  });
});

test('every check finds something, here or in mission.test.ts', () => {
  const elsewhere = ['arrival', 'first-event', 'deprecations'];
  const found = new Set([...plantedFaults.map(({ finds }) => finds), ...elsewhere]);
  expect([...found].sort()).toEqual(checks.map(({ name }) => name).sort());
});
