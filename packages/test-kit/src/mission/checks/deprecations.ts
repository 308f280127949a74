// Requirement S13: nothing deployed still takes a deprecated way.
import { readFile } from 'node:fs/promises';
import type { Check } from '../check.js';
import type { Clock } from '../clock.js';
import { must, notChecked } from '../verdict.js';

/** A burn-down, as `reportUsage` of `@throughline/compat` writes it; what is judged of it. */
interface BurnDown {
  readonly version: 1;
  readonly used: readonly { readonly file: string; readonly line: number; readonly code: string }[];
}

/** How many lines a report names. */
const mostNamed = 10;
const fetchMs = 15_000;
/** Of what an address answers: a burn-down of thousands of lines is a tenth of it. */
const mostBytes = 4_000_000;

export const deprecations: Check = {
  name: 'deprecations',
  why: 'No line of what is deployed uses a deprecated way: its burn-down is empty.',
  // Once the agents have worked: a line that was not called is in no burn-down.
  stage: 'departure',
  async run({ settings, clock }) {
    if (settings.usage.length === 0) {
      throw notChecked('What a service uses inside is not seen from outside: give its burn-down with --usage.');
    }
    const burnDowns = await Promise.all(settings.usage.map((place) => readBurnDown(place, clock)));
    const used = burnDowns.flatMap((burnDown) => burnDown.used);
    const named = used.slice(0, mostNamed).map(({ code, file, line }) => `\n${code} at ${file}:${line}`);
    must(used.length === 0, `${used.length} uses of what is deprecated:${named.join('')}`);
    return `${burnDowns.length} burn-down${burnDowns.length === 1 ? '' : 's'}, all empty`;
  },
};

async function readBurnDown(place: string | URL, clock: Clock): Promise<BurnDown> {
  const text = await (typeof place === 'string' ? fileText(place) : fetchedText(place, clock));
  let found: Partial<BurnDown> | undefined;
  try {
    found = JSON.parse(text) as Partial<BurnDown>;
  } catch {
    // Said below: it is none.
  }
  must(
    found?.version === 1 && Array.isArray(found.used),
    `What --usage names is no burn-down of @throughline/compat (version 1): ${text.length} characters.`,
  );
  return found as BurnDown;
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`A file of --usage cannot be read (${codeOf(error)}).`);
  }
}

/** The body of an answer. The host alone is in errors: the rest of an address may be secret, and what fails to fetch repeats it. */
async function fetchedText(address: URL, clock: Clock): Promise<string> {
  const signal = AbortSignal.timeout(clock.left(fetchMs));
  const response = await fetch(address, { redirect: 'error', signal }).catch((error: unknown) => {
    throw unread(address, (error as Error).cause ?? error);
  });
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of response.ok ? (response.body ?? []) : []) {
      size += piece.length;
      // Leaving the loop ends the connection too.
      if (size > mostBytes) break;
      pieces.push(piece);
    }
    if (!response.ok) await response.body?.cancel();
  } catch (error) {
    throw unread(address, error);
  }
  must(response.ok, `The burn-down at ${address.host} is answered with ${response.status}.`);
  must(size <= mostBytes, `The burn-down at ${address.host} is larger than ${mostBytes} bytes.`);
  return Buffer.concat(pieces).toString();
}

function unread({ host }: URL, error: unknown): Error {
  return new Error(`The burn-down at ${host} cannot be fetched (${codeOf(error)}).`);
}

/** Why something failed, in a word that is Node's own. */
function codeOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : name;
}
