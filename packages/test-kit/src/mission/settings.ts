// What a mission is sent out with, settled once: everything behind this file trusts it.

/** Where a fresh token of the first user comes from. */
export interface RefreshSource {
  readonly kind: 'token' | 'command' | 'same token';
  /**
   * @param withinMs how long a command may take
   * @throws when the command fails; what it printed is in no error
   */
  fresh(withinMs: number): Promise<string>;
}

export interface Settings {
  readonly url: URL;
  readonly firstToken: string;
  readonly secondToken: string;
  readonly refresh: RefreshSource;
  /** What a user says, for a secret to be planted in it: JSON of any kind. */
  message(secret: string): unknown;
  /** Whether the secret is in what is said. It is in ids anyway. */
  readonly plantsSecret: boolean;
  /** The thread that both users speak in. Absent: one of its own for each. */
  readonly thread?: string;
  /** The `Origin` of every connection but those that try another. Absent: none, as programs connect. */
  readonly origin?: string;
  /** A certificate that vouches for the service's, as PEM. */
  readonly ca?: string;
  /** For the whole mission, in milliseconds. */
  readonly deadlineMs: number;
  /** How long an answer may take, in milliseconds. */
  readonly answerMs: number;
  /** How long the first event of an answer may take, in milliseconds. Absent: it is measured and not judged. */
  readonly firstEventMs?: number;
  /** Burn-downs of `@throughline/compat/usage`: paths of files, or addresses of such. */
  readonly usage: readonly (string | URL)[];
  /** Names of checks that are not to be made. */
  readonly skip: readonly string[];
}

/** An address as it may be shown: a query may hold what nobody else should read. */
export function shownUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
