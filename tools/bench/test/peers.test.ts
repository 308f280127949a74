// Each peer takes part in earnest: everything comes, in processes of their own, over real sockets.

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../src/harness/bundle.js';
import { loopbackCertificate } from '../src/harness/certificate.js';
import { withRig } from '../src/harness/rig.js';
import { peerOf, peers } from '../src/peers/all.js';
import { floor } from '../src/peers/floor.js';
import { scenarios } from '../src/scenarios/all.js';
import { connect } from '../src/scenarios/connect.js';
import { inbound } from '../src/scenarios/inbound.js';
import { steady } from '../src/scenarios/steady.js';

let programs: URL;
const timeout = 60_000;

beforeAll(async () => {
  programs = await bundle(['bench-server', 'bench-generator']);
});

afterAll(() => rmSync(programs, { recursive: true, force: true }));

const brief = (size: number) => ({ programs, size, seconds: 0.2, warmupSeconds: 0.1 });

describe.each(peers.map((peer) => [peer.name, peer] as const))('%s', (_, peer) => {
  test('delivers a stream', { timeout }, async () => {
    const figures = await withRig({ ...brief(5), peer, verified: false }, (rig) => steady.measure(rig));
    for (const metric of Object.keys(steady.metrics)) expect(figures[metric], metric).toBeGreaterThanOrEqual(0);
    expect(figures['cpu']).toBeGreaterThan(0);
  });

  test('verifies tokens and takes messages', { timeout }, async () => {
    const entering = await withRig({ ...brief(5), peer, verified: true }, (rig) => connect.measure(rig));
    expect(entering['rate']).toBeGreaterThan(0);
    const talking = await withRig({ ...brief(2), peer, verified: false }, (rig) => inbound.measure(rig));
    expect(talking['rate']).toBeGreaterThan(0);
  });

  test('is refused what it may not have: a token nobody signed', { timeout }, async () => {
    const entering = withRig({ ...brief(1), peer, verified: true }, async ({ generator }) => {
      // Of a user for whom nobody signed one.
      await generator.connect({ from: 1_000, to: 1_001 });
    });
    await expect(entering).rejects.toThrow(/u1000|refused|closed|unauthorised/);
  });
});

test('TLS is spoken by those who say so', { timeout }, async () => {
  const tls = await loopbackCertificate();
  for (const peer of [peerOf('throughline'), floor]) {
    const figures = await withRig({ ...brief(3), peer, tls, verified: false }, (rig) => steady.measure(rig));
    expect(figures['cpu']).toBeGreaterThan(0);
  }
});

test('an order that fails is told as it was', { timeout }, async () => {
  const failing = withRig({ ...brief(1), peer: floor, verified: false }, ({ server }) =>
    server.stream({ from: 0, to: 1, everyMs: 1, burst: 1, seconds: 0.1 }),
  );
  await expect(failing).rejects.toThrow('Nobody prepared u0.');
});

test('each scenario has four growing sizes, is compared at one, and aims at figures that it has', () => {
  for (const { name, sizes, quickSizes, metrics, primary, aims } of scenarios) {
    expect(
      [...sizes].sort((a, b) => a - b),
      name,
    ).toEqual(sizes);
    expect(
      [...quickSizes].sort((a, b) => a - b),
      name,
    ).toEqual(quickSizes);
    expect(metrics[primary], name).toBeDefined();
    for (const { metric, against } of aims) {
      expect(metrics[metric], name).toBeDefined();
      if (against !== undefined) expect(peerOf(against).name).toBe(against);
    }
  }
});
