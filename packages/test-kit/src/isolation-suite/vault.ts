// Planted secrets: who said what, and whether any of it is in a text, as it is or encoded.
import { randomBytes } from 'node:crypto';

/** Something that one user alone should know. */
export interface Planted {
  /** How the suite calls the user, such as `user 2`. */
  readonly owner: string;
  /** What it is, for a report. */
  readonly what: string;
  /** What users say belongs in no log; their names do. A credential belongs nowhere. */
  readonly kind: 'said' | 'name' | 'credential';
}

/** A secret that was found. */
export interface Sighting extends Planted {
  /** Whether it was planted in a scenario before this one: what handlers hold has outlived their service. */
  readonly earlier: boolean;
  /** How it was written there, such as `base64`. */
  readonly form: string;
}

export interface Vault {
  /** Begins another scenario. Credentials of those before are forgotten, since their services are gone. */
  begin(): void;
  /** Makes a secret and remembers whose it is. */
  plant(secret: Planted): string;
  /** Remembers a secret that somebody else made. */
  keep(text: string, secret: Planted): void;
  /** Every secret in a text. */
  find(text: string): Sighting[];
  /** Takes secrets out of a text that will be shown. */
  redact(text: string): string;
}

/** The beginning of each secret: letters and digits alone, so that no encoding of a text but those below changes it. */
const prefix = 'tlk';
const shape = /tlk[0-9a-f]{16}/gi;
/** The same as hexadecimal digits of its bytes. */
const hexShape = /746c6b(?:3\d|6[1-6]){16}/gi;
const base64Run = /[\w+/-]{20,}/g;

/** @returns an empty vault. Secrets are never the same in two of them. */
export function createVault(): Vault {
  const planted = new Map<string, Planted & { readonly scenario: number }>();
  const kept = new Map<string, Planted>();
  let scenario = 0;
  return {
    begin() {
      scenario += 1;
      kept.clear();
    },
    plant(secret) {
      const text = `${prefix}${randomBytes(8).toString('hex')}`;
      planted.set(text, { ...secret, scenario });
      return text;
    },
    keep(text, secret) {
      kept.set(text, secret);
    },
    find(text) {
      const found = new Map<string, Sighting>();
      const see = (secret: string, form: string) => {
        const known = planted.get(secret.toLowerCase());
        if (known) found.set(secret, { ...known, earlier: known.scenario !== scenario, form });
      };
      for (const [form, view] of views(text)) {
        for (const [secret] of view.matchAll(shape)) see(secret, form);
        for (const [secret, known] of kept)
          if (view.includes(secret)) found.set(secret, { ...known, earlier: false, form });
      }
      return [...found.values()];
    },
    redact(text) {
      let shown = text.replace(shape, (secret) => {
        const known = planted.get(secret.toLowerCase());
        return known ? `‹secret of ${known.owner}›` : secret;
      });
      for (const [secret, { owner }] of kept) shown = shown.replaceAll(secret, `‹credential of ${owner}›`);
      return shown;
    },
  };
}

/** A text as it is, and as what it may be the encoding of. */
function* views(text: string): Generator<readonly [form: string, view: string]> {
  yield ['as it is', text];
  const plain: [string, string][] = [['', text]];
  if (text.includes('%')) plain.push(['URL-encoded', percentDecoded(text)]);
  if (text.includes('\\u')) plain.push(['JSON-escaped', unescaped(text)]);
  yield* plain.slice(1);
  for (const [, view] of plain) {
    for (const [run] of view.matchAll(base64Run)) {
      // It may begin anywhere within four characters, behind whatever stands before it.
      for (let skip = 0; skip < 4; skip += 1) yield ['base64', decoded(run.slice(skip), 'base64')];
    }
    for (const [run] of view.matchAll(hexShape)) yield ['hexadecimal', decoded(run, 'hex')];
  }
}

function decoded(text: string, encoding: 'base64' | 'hex'): string {
  return Buffer.from(text, encoding).toString('latin1');
}

function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
}

function unescaped(text: string): string {
  return text.replace(/\\u([\da-f]{4})/gi, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)));
}
