// A user of the suite: signed in, with sessions open, each a tab with the real client or a connection without opinions.
import type { Frame } from '../frame.js';
import { isEvent } from '../frame.js';
import type { RawClient, RawClientOptions } from '../raw-client.js';
import type { TestClient } from '../test-client.js';
import type { TestService, TestUser } from '../test-service.js';
import { threadCount } from './operations.js';
import type { Vault } from './vault.js';

/** An open page. What it was told stays searchable when it is gone. */
export interface Page {
  readonly name: string;
  readonly tab?: TestClient;
  readonly raw?: RawClient;
  readonly frames: readonly Frame[];
  /** Everything beside frames that it was told. */
  heard(): string;
}

export interface Actor {
  /** Such as `user 2`. */
  readonly name: string;
  readonly user: TestUser;
  /** Pages that are open, by session. */
  readonly pages: readonly Page[];
  /** Every page there was. */
  readonly all: readonly Page[];
  /** What the user was answered beside frames, by what. */
  readonly answers: { readonly where: string; readonly text: string }[];
  /** What is under way and somebody will answer. */
  readonly pending: Set<Promise<unknown>>;
  /** The id of a message: the same ones for every user. */
  nextId(): string;
  reload(session: number, options?: RawClientOptions): void;
  /** Signs out and in again, with all sessions. */
  signInAgain(): Promise<void>;
  freshToken(): string;
}

/** How a session is named in a report. */
const pageName = (name: string, session: number) => `session ${session + 1} of ${name}`;

export async function createActor(service: TestService, vault: Vault, name: string, sessions: number): Promise<Actor> {
  const user_id = vault.plant({ owner: name, what: `the id of ${name}`, kind: 'name' });
  const all: Page[] = [];
  const pages: Page[] = [];
  let ids = 0;
  let user = await signIn();

  async function signIn(): Promise<TestUser> {
    const signedIn = await service.user(user_id);
    credential(signedIn.token);
    return signedIn;
  }
  function credential(token: string): string {
    vault.keep(token, { owner: name, what: `a token of ${name}`, kind: 'credential' });
    return token;
  }
  function open(session: number, options: RawClientOptions = {}): void {
    const called = pageName(name, session);
    const page =
      session % 2 === 0 ? tabOf(called, user.client()) : rawOf(called, user.raw({ acks: 'automatic', ...options }));
    pages[session] = page;
    all.push(page);
  }
  function close(session: number): void {
    pages[session]?.tab?.close();
    pages[session]?.raw?.cut();
  }
  const actor: Actor = {
    name,
    get user() {
      return user;
    },
    pages,
    all,
    answers: [],
    pending: new Set(),
    nextId() {
      ids += 1;
      return `m-${ids}`;
    },
    reload(session, options) {
      close(session);
      open(session, options);
    },
    async signInAgain() {
      user.signOut();
      user = await signIn();
      for (const session of pages.keys()) actor.reload(session);
    },
    freshToken: () => credential(user.freshToken()),
  };
  for (let session = 0; session < sessions; session += 1) open(session);
  return actor;
}

function tabOf(name: string, tab: TestClient): Page {
  const heard = () => JSON.stringify([tab.statuses, tab.faults.map(({ message }) => message)]);
  return { name: `${name}, a tab`, tab, frames: tab.frames as readonly Frame[], heard };
}

function rawOf(name: string, raw: RawClient): Page {
  return { name, raw, frames: raw.frames, heard: () => raw.transcript() };
}

/** The run that a page has seen last. */
export function lastRun({ frames }: Page): string {
  return frames.filter(isEvent).findLast(({ run_id }) => run_id !== undefined)?.run_id ?? 'none';
}

/** The threads of a reading: the first is always in it. */
export function readThreads(thread: number): string[] {
  return [...new Set([0, thread % threadCount])].map((number) => `t-${number}`);
}
