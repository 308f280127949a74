// From what a person typed to settings: every error names the option, and none repeats a token.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { checks } from './checks.js';
import type { RefreshSource, Settings } from './settings.js';

/** As the command line has them: texts, all of them. */
export interface Flags {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly otherToken?: string;
  readonly otherTokenFile?: string;
  readonly refreshToken?: string;
  readonly refreshTokenFile?: string;
  readonly refreshCommand?: string;
  readonly message: string;
  readonly thread?: string;
  readonly origin?: string;
  readonly ca?: string;
  readonly deadline: string;
  readonly answerDeadline: string;
  readonly firstEvent?: string;
  readonly usage: readonly string[];
  readonly skip: readonly string[];
}

/** What a token may be made of: PROTOCOL.md, section 2, has a carrier for each. */
const tokenText = /^[\x20-\x7e]+$/;
const id = /^[!-~]{1,128}$/;

const run = promisify(execFile);

/** @throws an Error whose message says which option to correct */
export async function resolveSettings(url: string, flags: Flags, environment: NodeJS.ProcessEnv): Promise<Settings> {
  const address = addressOf(url);
  const { thread, origin, firstEvent, message, skip } = flags;
  const [firstToken, secondToken] = [
    await tokenOf('token', flags.token, flags.tokenFile, environment['THROUGHLINE_TOKEN']),
    await tokenOf('other-token', flags.otherToken, flags.otherTokenFile, environment['THROUGHLINE_OTHER_TOKEN']),
  ];
  demand(firstToken !== undefined, 'There is no token: set THROUGHLINE_TOKEN, or give --token-file.');
  demand(
    secondToken !== undefined,
    'There is no other token: set THROUGHLINE_OTHER_TOKEN, or give --other-token-file.',
  );
  demand(firstToken !== secondToken, 'Both tokens are the same: give those of two users.');
  demand(thread === undefined || id.test(thread), '--thread: 1 to 128 printable ASCII characters without spaces.');
  demand(
    origin === undefined || isOrigin(origin),
    '--origin: an origin such as https://app.example, and nothing behind it.',
  );
  const unknown = skip.find((name) => !checks.some((check) => check.name === name));
  demand(
    unknown === undefined,
    `--skip: there is no check ${unknown}. There are: ${checks.map(({ name }) => name).join(', ')}.`,
  );
  demand(flags.ca === undefined || address.protocol === 'wss:', '--ca: only a wss: address has a certificate.');
  return {
    url: address,
    firstToken,
    secondToken,
    refresh: await refreshOf(flags, environment, firstToken),
    message: messageOf(message),
    plantsSecret: message.includes('{secret}'),
    ...(thread !== undefined && { thread }),
    ...(origin !== undefined && { origin }),
    ...(flags.ca !== undefined && { ca: await fileText('ca', flags.ca) }),
    deadlineMs: 1_000 * amount('deadline', flags.deadline, 3_600),
    answerMs: 1_000 * amount('answer-deadline', flags.answerDeadline, 3_600),
    ...(firstEvent !== undefined && { firstEventMs: amount('first-event', firstEvent, 3_600_000) }),
    usage: flags.usage.map(usageOf),
    skip,
  };
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

function addressOf(url: string): URL {
  demand(URL.canParse(url), 'The address is none: give it as wss://staging.example/ws.');
  const address = new URL(url);
  demand(['ws:', 'wss:'].includes(address.protocol), 'The address must begin with wss: or ws:.');
  demand(address.username === '' && address.password === '', 'The address must hold no name and no password.');
  return address;
}

/** Whether a text is all of an origin: what is behind one would get into a header. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** The path of a file, or an address. An address may hold a secret in its query: none is repeated. */
function usageOf(place: string): string | URL {
  if (!/^[a-z][a-z\d+.-]*:\/\/|^https?:/i.test(place)) return place;
  demand(URL.canParse(place), '--usage: the address is none: give it as https://staging.example/burn-down.json.');
  const address = new URL(place);
  demand(/^https?:$/.test(address.protocol), '--usage: the address must begin with https: or http:, or be a file.');
  demand(address.username === '' && address.password === '', '--usage: the address must hold no name and no password.');
  return address;
}

/** What is given on the command line comes before the environment; two of those are a mistake. */
async function tokenOf(
  name: string,
  given: string | undefined,
  file: string | undefined,
  inEnvironment: string | undefined,
): Promise<string | undefined> {
  demand(given === undefined || file === undefined, `--${name} and --${name}-file: give one of the two.`);
  const token = (file === undefined ? (given ?? inEnvironment) : await fileText(`${name}-file`, file))?.trim();
  demand(
    token === undefined || tokenText.test(token),
    `--${name}: it is empty, or holds more than printable ASCII characters.`,
  );
  return token;
}

async function fileText(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // The message has the path, which may be the token itself, given by mistake.
    throw new Error(`--${name}: the file cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function refreshOf(flags: Flags, environment: NodeJS.ProcessEnv, firstToken: string): Promise<RefreshSource> {
  const { refreshToken, refreshTokenFile, refreshCommand } = flags;
  const inEnvironment = refreshCommand === undefined ? environment['THROUGHLINE_REFRESH_TOKEN'] : undefined;
  const token = await tokenOf('refresh-token', refreshToken, refreshTokenFile, inEnvironment);
  demand(
    token === undefined || refreshCommand === undefined,
    '--refresh-token and --refresh-command: give one of the two.',
  );
  if (refreshCommand !== undefined)
    return { kind: 'command', fresh: (withinMs) => printedBy(refreshCommand, withinMs) };
  if (token !== undefined) return { kind: 'token', fresh: () => Promise.resolve(token) };
  return { kind: 'same token', fresh: () => Promise.resolve(firstToken) };
}

async function printedBy(command: string, timeout: number): Promise<string> {
  const printed = await run(command, { shell: true, timeout }).catch(({ code }: { readonly code?: unknown }) => {
    throw new Error(`--refresh-command failed (${String(code)}).`);
  });
  const token = printed.stdout.trim();
  demand(tokenText.test(token), '--refresh-command printed no token.');
  return token;
}

function messageOf(template: string): (secret: string) => unknown {
  const parse = (secret: string): unknown => JSON.parse(template.replaceAll('{secret}', secret));
  try {
    parse('secret');
  } catch {
    throw new Error('--message: it must be JSON, such as {"text":"What is new? {secret}"}.');
  }
  return parse;
}

function amount(name: string, text: string, most: number): number {
  const value = Number(text);
  demand(text !== '' && value > 0 && value <= most, `--${name}: a number above 0, at most ${most}.`);
  return value;
}
