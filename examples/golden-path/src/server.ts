import { env, exit, stderr, stdout } from 'node:process';
import { demoUsers, startGoldenPath } from './app.js';
import { demoPassword, type GoldenPathOptions } from './options.js';

/** A number in the environment; the options say which numbers make sense. */
function numberFrom(name: string): number | undefined {
  const text = env[name];
  if (text === undefined) return undefined;
  if (text.trim() === '' || Number.isNaN(Number(text)))
    throw new TypeError(`${name}: expected a number, got ${JSON.stringify(text)}.`);
  return Number(text);
}

/** What the environment says; the README lists the names. */
function optionsFromEnvironment(): GoldenPathOptions {
  const options = {
    port: numberFrom('PORT'),
    host: env['HOST'],
    dataDirectory: env['DATA_DIRECTORY'],
    pageDirectory: env['PAGE_DIRECTORY'],
    password: env['PASSWORD'],
    tokensPerSecond: numberFrom('TOKENS_PER_SECOND'),
    tokenLifeSeconds: numberFrom('TOKEN_LIFE_SECONDS'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

try {
  const app = await startGoldenPath(optionsFromEnvironment());
  const password = env['PASSWORD'] === undefined ? `password: ${demoPassword}` : 'with the password you gave';
  stdout.write(`Throughline golden path: ${app.url} (log in as ${demoUsers.join(' or ')}, ${password})\n`);
  const stop = (): void => {
    app.close().then(
      () => exit(0),
      (error: unknown) => {
        stderr.write(`Stopping failed: ${error instanceof Error ? error.message : String(error)}\n`);
        exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  stderr.write(`Could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  exit(1);
}
