// What a case of the protocol contract works with: users of its own, connections that end with it, and the agent's side.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type RawClient, type RawClientOptions, rawClient } from '../raw-client.js';
import type { ContractCase } from './contract.js';

/** A run that the contract leads, as an agent does. */
export interface LedRun {
  readonly run_id: string;
  /** Resolves when the user's cancel has come. */
  readonly cancelled: Promise<unknown>;
  thinking(reasoning: string): Promise<unknown>;
  /** A tool call, from its beginning to its end. */
  tool(tool_name: string): Promise<unknown>;
  /** A piece of the answer, at once. */
  text(piece: string): Promise<unknown>;
  completed(): Promise<unknown>;
}

/** What a service was told, as its handler got it. */
export interface HeardMessage {
  readonly id: string;
  readonly thread_id: string;
  readonly data: unknown;
}

/** The side of the service that pages cannot see. */
export interface AgentControl {
  startRun(user_id: string, options: { readonly thread_id: string }): Promise<LedRun>;
  /** Sends a custom event outside of runs, of the type `contract.note`. */
  note(user_id: string, thread_id: string, data: unknown): Promise<unknown>;
  /** What the handler was given of a user, in order. */
  heard(user_id: string): readonly HeardMessage[];
}

/** A server that speaks `throughline.v1`. What is left out skips the cases that need it. */
export interface ProtocolSubject {
  /** Where clients connect, such as `ws://127.0.0.1:8080/ws`. Origins allowed: that host. */
  readonly url: string;
  /** A good credential of a user, another with each call. Without `expiresInMs` it does not end. */
  token(user_id: string, options?: { readonly expiresInMs?: number }): string | Promise<string>;
  readonly agent: AgentControl;
  /** A ticket in the name of a user. */
  ticket?: (user_id: string) => string | Promise<string>;
  /** Ends what a user has open, as signing out does. */
  signOut?: (user_id: string) => void | Promise<void>;
  /** Erases the log of a user. */
  erase?: (user_id: string) => void | Promise<void>;
  /** The cookie it takes a token from. */
  readonly cookieName?: string;
  /** Message data that its schema refuses, and that makes its handler fail. */
  readonly invalidData?: unknown;
  readonly failingData?: unknown;
  /** Its interval, when that is at most 2 s: cases wait for some of them. */
  readonly heartbeatMs?: number;
  /** How long it lets an expired session live, when that is at most 2 s. */
  readonly expiryGraceMs?: number;
  /** How many sessions of a user it lets live, when those are at most 20. */
  readonly sessionsPerUser?: number;
  /** How many frames a session may send at once, when those are limited to at most 1,000. */
  readonly framesAtOnce?: number;
  /** The same server with a log that drops what is older than about 100 entries, or 20 kB, of a user. */
  readonly forgetful?: ProtocolSubject;
  /** A server for one case alone, which drains it. */
  expendable?: () => Promise<ExpendableSubject>;
}

/** A server that may be ended. */
export interface ExpendableSubject extends ProtocolSubject {
  /** Drains it. Resolves when it is closed. */
  drain(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Where a case sits. */
export interface ProtocolSeat {
  readonly subject: ProtocolSubject;
  readonly agent: AgentControl;
  /** A user whom this case alone has. */
  readonly user: string;
  /** The id of another user of this case. */
  other(name: string): string;
  /** A token, of this case's user unless another is named. */
  token(user_id?: string, options?: { readonly expiresInMs?: number }): Promise<string>;
  /** Knocks. Without a token: nobody's. */
  knock(options?: RawClientOptions): RawClient;
  /** Comes in, as this case's user unless another is named, and waits to be welcomed. */
  enter(options?: RawClientOptions, user_id?: string): Promise<RawClient>;
}

/** Which part of a subject a case is about, and why it is skipped where there is none. */
const needs = {
  ticket: 'this server issues no tickets, or the contract was given none',
  signOut: 'nobody can be signed out here',
  erase: 'no log can be erased here',
  cookieName: 'this server takes no cookie',
  invalidData: 'this server takes any data',
  failingData: 'the handler of this server cannot be made to fail',
  heartbeatMs: 'the interval of this server is too long to wait for',
  expiryGraceMs: 'the grace of this server is too long to wait for',
  sessionsPerUser: 'this server lets a user have too many sessions to open them all',
  framesAtOnce: 'this server limits no frames, or lets too many pass',
  forgetful: 'there is no such server with a small log',
  expendable: 'there is no such server that may be drained',
} as const;

/** A case before it knows its subject. */
export interface ProtocolRule {
  readonly name: string;
  /** The section of PROTOCOL.md where it stands, and what it says there. */
  readonly reason: string;
  readonly needs?: keyof typeof needs;
  run(seat: ProtocolSeat): Promise<void>;
}

/** A case of a subject. */
export function caseOf({ name, reason, needs: wanted, run }: ProtocolRule, subject: ProtocolSubject): ContractCase {
  if (wanted !== undefined && subject[wanted] === undefined) {
    return { name, reason, skip: needs[wanted], run: () => Promise.resolve() };
  }
  return {
    name,
    reason,
    async run() {
      if (wanted !== 'expendable') {
        await withSeat(wanted === 'forgetful' ? (subject.forgetful as ProtocolSubject) : subject, run);
        return;
      }
      const expendable = await (subject.expendable as NonNullable<ProtocolSubject['expendable']>)();
      try {
        await withSeat(expendable, run);
      } finally {
        await expendable.close();
      }
    },
  };
}

async function withSeat(subject: ProtocolSubject, run: (seat: ProtocolSeat) => Promise<void>): Promise<void> {
  const own = randomBytes(6).toString('hex');
  const opened: RawClient[] = [];
  const other = (name: string) => `${name}-${own}`;
  const user = other('ada');
  const token: ProtocolSeat['token'] = async (user_id = user, options = {}) => subject.token(user_id, options);
  const knock = (options: RawClientOptions = {}) => {
    const client = rawClient(subject.url, options);
    opened.push(client);
    return client;
  };
  async function enter(options: RawClientOptions = {}, user_id: string = user): Promise<RawClient> {
    const client = knock({ token: await token(user_id), user: { user_id }, ...options });
    await client.welcomed();
    return client;
  }
  try {
    await run({ subject, agent: subject.agent, user, other, token, knock, enter });
    const violations = opened.flatMap((client) => client.violations);
    assert.deepEqual(violations, [], 'what a service writes is RFC 6455, whatever it says');
  } finally {
    await Promise.all(opened.map((client) => client[Symbol.asyncDispose]()));
  }
}
