// Does what an operation says, and does not wait for what comes of it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getWebSocketManager, narrowUserContext } from '@throughline/core';
import type { TestService, TestUser } from '../test-service.js';
import { type Actor, lastRun, type Page, readThreads } from './actor.js';
import type { Act, Operation } from './operations.js';
import type { Vault } from './vault.js';

/** What a route of the service under test is called with. */
export interface Visit {
  readonly user: TestUser;
  readonly service: TestService;
  /** What the user says; nobody else may see it. */
  readonly secret: string;
}

/** Everything there is while operations are played. */
export interface Scene {
  readonly service: TestService;
  readonly vault: Vault;
  readonly actors: readonly Actor[];
  readonly messages: readonly ((secret: string) => unknown)[];
  readonly routes: readonly (readonly [name: string, visit: (visit: Visit) => unknown])[];
  /** Resolves when nothing is under way. */
  quiet(): Promise<void>;
}

/** Who speaks where an operation does and no handler. */
export const suiteAgent = 'suite';

type Doing = (scene: Scene, actor: Actor, operation: Operation) => void | Promise<void>;

/** Keeps what is under way, and what it answers: text that this user was given. */
function keep({ pending, answers }: Actor, where: string, answer: Promise<unknown>): void {
  const done = answer
    .then((value) => answers.push({ where, text: textOf(value) }))
    .catch((error: unknown) => answers.push({ where, text: textOf(error) }))
    .finally(() => pending.delete(done));
  pending.add(done);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error)
    return `${value.message} ${value.stack ?? ''} ${value.cause === undefined ? '' : textOf(value.cause)}`;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return String(value);
  }
}

function pageOf({ pages }: Actor, { session }: Operation): Page {
  return pages[session % pages.length] as Page;
}

/** Somebody else; the user themself where there is nobody else. */
function strangerTo(actor: Actor, { actors }: Scene, { choice }: Operation): Actor {
  const others = actors.filter((other) => other !== actor);
  return others[choice % others.length] ?? actor;
}

function said(scene: Scene, { name }: Actor, how: string, { thread }: Operation): string {
  return scene.vault.plant({ owner: name, what: `what ${name} ${how} in t-${thread}`, kind: 'said' });
}

const doings: Readonly<Record<Act, Doing>> = {
  message(scene, actor, operation) {
    const { tab, raw } = pageOf(actor, operation);
    const message = scene.messages[operation.choice % scene.messages.length] as (secret: string) => unknown;
    const thread_id = `t-${operation.thread}`;
    const data = message(said(scene, actor, 'said', operation));
    if (tab) keep(actor, 'the answer to a message', tab.send({ thread_id, data }).accepted);
    if (!raw) return;
    const id = actor.nextId();
    raw.send({ type: 'message', id, thread_id, data });
    // One that the connection does not survive is answered by nobody.
    keep(
      actor,
      'the answer to a message',
      raw.find((frame) => 'id' in frame && frame.id === id),
    );
  },
  rest: ({ quiet }) => quiet(),
  tool(scene, actor, operation) {
    const secret = said(scene, actor, 'was told by a tool', operation);
    const work = getWebSocketManager(actor.user.context).run(
      { agent_name: suiteAgent, thread_id: `t-${operation.thread}`, task_description: secret },
      async (run) => {
        const tool = await run.toolExecuting({ tool_name: 'look', parameters: { secret } });
        await nextTurn();
        await tool.completed({ results: secret });
        run.text(secret);
        return { final_response: secret };
      },
    );
    keep(actor, 'the result of a run', work);
  },
  fail(scene, actor, operation) {
    const secret = said(scene, actor, 'was told by an agent that failed', operation);
    const work = getWebSocketManager(actor.user.context).run(
      { agent_name: suiteAgent, thread_id: `t-${operation.thread}` },
      async (run) => {
        await run.thinking({ reasoning: secret });
        throw new Error(`It broke over ${secret}`);
      },
    );
    keep(actor, 'the failure of a run', work);
  },
  note(scene, actor, operation) {
    const secret = said(scene, actor, 'was told outside of runs', operation);
    const place = { thread_id: `t-${operation.thread}` };
    keep(actor, 'the verdict of a send', getWebSocketManager(actor.user.context).send('suite.note', secret, place));
  },
  cancel(_, actor, operation) {
    const page = pageOf(actor, operation);
    cancel(actor, page, lastRun(page));
  },
  cancel_foreign(scene, actor, operation) {
    cancel(actor, pageOf(actor, operation), lastRun(pageOf(strangerTo(actor, scene, operation), operation)));
  },
  route(scene, actor, operation) {
    const { routes, service } = scene;
    if (routes.length === 0) return;
    const [name, visit] = routes[operation.choice % routes.length] as (typeof routes)[number];
    const secret = said(scene, actor, `said to the route ${name}`, operation);
    keep(actor, `the answer of the route ${name}`, (async () => visit({ user: actor.user, service, secret }))());
  },
  threads(_, actor, operation) {
    const { tab, raw } = pageOf(actor, operation);
    const threads = readThreads(operation.thread);
    // A page that shows nothing yet has nothing to change.
    if (tab?.status.state === 'live') tab.read(threads);
    raw?.send({ type: 'threads', threads, from: 'active' });
  },
  reload: (_, actor, { session }) => actor.reload(session % actor.pages.length),
  cut(_, actor, operation) {
    const { tab, raw } = pageOf(actor, operation);
    tab?.cut();
    if (!raw) return;
    raw.cut();
    actor.reload(operation.session % actor.pages.length, raw.position === undefined ? {} : { from: raw.position });
  },
  resume_foreign(scene, actor, operation) {
    const positions = strangerTo(actor, scene, operation).pages.flatMap(({ raw }) => raw?.position ?? []);
    const session = actor.pages.findIndex(({ raw }) => raw !== undefined);
    if (positions[0] !== undefined && session >= 0) actor.reload(session, { from: positions[0] });
  },
  refresh(_, actor, operation) {
    const token = actor.freshToken();
    pageOf(actor, operation).raw?.send({ type: 'token', id: actor.nextId(), token });
  },
  narrow(scene, actor, operation) {
    const secret = said(scene, actor, 'was told by a narrowed context', operation);
    const thread_id = `t-${operation.thread}`;
    const manager = getWebSocketManager(narrowUserContext(actor.user.context, { thread_id }));
    keep(actor, 'the verdict of a narrowed send', manager.send('suite.note', secret, { thread_id }));
    keep(actor, 'the refusal of a narrowed send', manager.send('suite.note', secret, { thread_id: 'elsewhere' }));
  },
  sign_out: (_, actor) => actor.signInAgain(),
};

function cancel(actor: Actor, { tab, raw }: Page, run_id: string): void {
  if (tab) keep(actor, 'the answer to a cancel', tab.cancel(run_id));
  raw?.send({ type: 'cancel', id: actor.nextId(), run_id });
}

/** Does it, and lets the service do some of what follows: how much, chance says. */
export async function act(scene: Scene, operation: Operation): Promise<void> {
  const actor = scene.actors[operation.user % scene.actors.length] as Actor;
  await doings[operation.act](scene, actor, operation);
  for (let turn = 0; turn < operation.choice % 4; turn += 1) await nextTurn();
}
