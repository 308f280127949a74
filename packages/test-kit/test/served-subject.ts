// The real service, as the protocol contract asks for a server.
import { getWebSocketManager, type UserContext } from '@throughline/core';
import { startTestService, type TestService, type TestServiceOptions, type TestUser } from '../src/index.js';
import type { AgentControl, HeardMessage, ProtocolSubject } from '../src/protocol-contract.js';

/** Data that the service refuses, and data that makes its handler fail. */
const invalidData = 'refuse this';
const failingData = 'fail at this';

const messages: NonNullable<TestServiceOptions['messages']> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (value === invalidData ? { issues: [{ message: 'it was to be refused' }] } : { value }),
  },
};

export interface Served {
  readonly service: TestService;
  readonly subject: ProtocolSubject;
}

/** A service with one handler that remembers, and what a contract may ask of it. */
export async function serve(options: TestServiceOptions = {}): Promise<Served> {
  const heard = new Map<string, HeardMessage[]>();
  const service = await startTestService({
    messages,
    cookieName: 'session',
    ...options,
    onMessage({ id, thread_id, data }, { user_id }) {
      heard.set(user_id, [...(heard.get(user_id) ?? []), { id, thread_id, data }]);
      if (data === failingData) throw new Error('it was to fail');
    },
  });
  const signedIn = new Map<string, Promise<TestUser>>();
  const userOf = (user_id: string) => {
    const user = signedIn.get(user_id) ?? service.user(user_id);
    signedIn.set(user_id, user);
    return user;
  };
  const contextOf = async (user_id: string): Promise<UserContext> => (await userOf(user_id)).context;
  const agent: AgentControl = {
    heard: (user_id) => heard.get(user_id) ?? [],
    note: async (user_id, thread_id, data) =>
      getWebSocketManager(await contextOf(user_id)).send('contract.note', data, { thread_id }),
    async startRun(user_id, { thread_id }) {
      const run = await getWebSocketManager(await contextOf(user_id)).startRun({ agent_name: 'agent', thread_id });
      return {
        run_id: run.run_id,
        cancelled: new Promise((resolve) => run.signal.addEventListener('abort', resolve, { once: true })),
        thinking: (reasoning) => run.thinking({ reasoning }),
        tool: async (tool_name) => (await run.toolExecuting({ tool_name })).completed({ results: {} }),
        text(piece) {
          run.text(piece);
          return run.flushed();
        },
        completed: () => run.completed(),
      };
    },
  };
  const subject: ProtocolSubject = {
    url: service.url,
    agent,
    cookieName: 'session',
    invalidData,
    failingData,
    token: async (user_id, { expiresInMs } = {}) =>
      expiresInMs === undefined
        ? (await userOf(user_id)).freshToken()
        : (await service.user(user_id, { expiresInMs })).token,
    ticket: async (user_id) => service.service.issueTicket(await contextOf(user_id)).ticket,
    signOut: (user_id) => void service.service.revoke({ user_id }),
    erase: (user_id) => service.service.forget({ user_id }),
  };
  return { service, subject };
}
