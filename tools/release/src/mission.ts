import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { execa } from 'execa';
import { SignJWT } from 'jose';
import { type Consumer, startService, surroundings } from './consumer.js';
import { ISSUER } from './consumer-control.js';

/** All that it finds out must hold, and nothing may be left out but what a service without legacy imports has not. */
export async function checkMission(consumer: Consumer): Promise<string> {
  await using running = await startService(consumer, 'mission-service');
  const { folder, signal } = consumer;
  const { env, ...settings } = surroundings(folder, signal);
  const program = join(folder, 'node_modules/.bin/throughline-mission');
  const tokens = { THROUGHLINE_TOKEN: await tokenOf('ada'), THROUGHLINE_OTHER_TOKEN: await tokenOf('bob') };
  const args = [`ws://127.0.0.1:${running.port}/ws`, '--skip', 'deprecations'];
  const { exitCode, all } = await execa(program, args, {
    ...settings,
    env: { ...env, ...tokens },
    all: true,
    reject: false,
    timeout: MISSION_MS,
  });
  assert.equal(exitCode, 0, `The mission failed:\n${all}`);
  const unchecked = all.split('\n').filter((line) => line.startsWith('–'));
  assert.equal(unchecked.length, 1, `The mission left something out:\n${all}`);
  return all.trimEnd().split('\n').at(-1) ?? '';
}

/** It gives up by itself after 120 s. */
const MISSION_MS = 150_000;

async function tokenOf(user: string): Promise<string> {
  return new SignJWT({ sub: user })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER.issuer)
    .setAudience(ISSUER.audience)
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode(ISSUER.secret));
}
