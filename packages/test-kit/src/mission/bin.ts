#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommand } from './command.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// The code is set and the process left to end by itself: what is written to a pipe may still be under way.
process.exitCode = await runCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  environment: process.env,
  version,
  writeOut: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  now: () => performance.now(),
  today: () => new Date(),
});
