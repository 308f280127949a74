// What makes each metric move: for each, something that happens to a real service, on real sockets.
import { type Dialect, memoryLog, type ServiceOptions } from '@throughline/core';
import type { EventLog } from '@throughline/core/log';
import type { Observed } from './observed.js';

/** What happens, and which series shows it. */
export interface Cause {
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: () => Partial<ServiceOptions>;
  happen(observed: Observed): Promise<unknown>;
}

const place = { agent_name: 'researcher', thread_id: 't-1' };

/** One run from its beginning to its end. */
async function run({ managerOf }: Observed): Promise<void> {
  const manager = await managerOf('ada');
  await manager.run(place, async (agent) => {
    await agent.thinking({ reasoning: 'Somebody is there.' });
  });
}

async function say({ enter }: Observed, data: unknown): Promise<void> {
  const peer = await enter('ada');
  peer.send({ type: 'message', id: 'm-1', thread_id: 't-1', data });
  await peer.until('accepted');
}

/** A log whose appends fail. */
function failingLog(): EventLog {
  const store = memoryLog();
  return {
    async open(key) {
      const log = await store.open(key);
      return new Proxy(log, {
        get(target, name) {
          if (name === 'append') return () => Promise.reject(new Error('disk full'));
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
    close: () => store.close(),
  };
}

/** A log that gives everybody the log of Bob. */
function mixedUpLog(): EventLog {
  const store = memoryLog();
  return { open: (key) => store.open({ ...key, user_id: 'bob' as typeof key.user_id }), close: () => store.close() };
}

/** A dialect in which nothing that a page says means anything. */
const deaf: Dialect = {
  name: 'deaf',
  subprotocols: ['deaf'],
  recognise: ({ subprotocols }) => (subprotocols.includes('deaf') ? [] : undefined),
  frame: (frame) => frame,
  event: (event) => event,
  read: () => [],
};

export const causes: Readonly<Record<string, Cause>> = {
  throughline_refusals_total: {
    labels: { code: 'CREDENTIAL_REFUSED' },
    happen: async ({ knock }) => (await knock({ token: 'bad' })).closed,
  },
  throughline_sessions_opened_total: {
    labels: { from: 'position' },
    happen: async ({ enter }) => {
      const first = await enter('ada');
      await enter('ada', first.position);
    },
  },
  throughline_session_closed_total: {
    labels: { code: '1006' },
    happen: async ({ enter }) => (await enter('ada')).webSocket.terminate(),
  },
  throughline_session_seconds: { happen: async ({ enter }) => (await enter('ada')).webSocket.close(1000) },
  throughline_recovery_seconds: {
    happen: async (observed) => {
      const first = await observed.enter('ada');
      first.webSocket.terminate();
      await until(async () => (await observed.value('throughline_sessions')) === 0);
      await run(observed);
      const second = await observed.enter('ada', first.position);
      await second.until('agent_completed');
      second.acknowledge();
    },
  },
  throughline_resets_total: {
    labels: { cause: 'unknown_epoch' },
    happen: async ({ enter }) => (await enter('ada', 'another-epoch.3.00000000')).until('reset'),
  },
  throughline_client_gaps_total: {
    happen: async ({ enter }) => (await enter('ada')).acknowledge({ gaps: 2 }),
  },
  throughline_client_duplicates_total: {
    happen: async ({ enter }) => (await enter('ada')).acknowledge({ duplicates: 3 }),
  },
  throughline_frames_ignored_total: {
    options: () => ({ dialects: [deaf] }),
    happen: async ({ knock }) => (await knock({ token: 'ada', offers: 'deaf' })).send({ type: 'hello' }),
  },
  throughline_slow_readers_total: {
    labels: { policy: 'close' },
    options: () => ({ slowReaders: 'close', slowReaderMs: 0, ackWindowBytes: 32_768, heartbeatMs: 1_000 }),
    happen: async ({ enter, managerOf }) => {
      const peer = await enter('ada');
      await (await managerOf('ada')).run(place, async (agent) => {
        for (let sent = 0; sent < 10; sent++) await agent.send('acme.row', { filler: '.'.repeat(10_000) });
      });
      await peer.closed;
    },
  },
  throughline_messages_total: {
    labels: { outcome: 'accepted' },
    options: () => ({ onMessage: () => {} }),
    happen: (observed) => say(observed, 'Why did costs fall?'),
  },
  throughline_message_seconds: {
    labels: { outcome: 'failed' },
    options: () => ({
      onMessage: () => {
        throw new Error('the handler is broken');
      },
    }),
    happen: (observed) => say(observed, 'Why did costs fall?'),
  },
  throughline_runs_started_total: { happen: run },
  throughline_run_seconds: {
    labels: { outcome: 'failed' },
    happen: async ({ managerOf }) => {
      const manager = await managerOf('ada');
      await manager.run(place, () => Promise.reject(new Error('the database is gone'))).catch(() => {});
    },
  },
  throughline_run_events_total: { happen: run },
  throughline_terminal_delivery_seconds: {
    happen: async (observed) => {
      const peer = await observed.enter('ada');
      await run(observed);
      await peer.until('agent_completed');
      peer.acknowledge();
    },
  },
  throughline_runs_undelivered_total: { options: () => ({ undeliveredAfterMs: 1 }), happen: run },
  throughline_drained_sessions_total: {
    happen: async ({ enter, service }) => {
      await enter('ada');
      await service.drain({ deadlineMs: 0, spreadMs: 0 });
    },
  },
  throughline_health_changes_total: {
    labels: { level: 'degraded' },
    options: () => ({ log: failingLog() }),
    happen: (observed) => run(observed).catch(() => {}),
  },
  throughline_leaks_total: {
    labels: { where: 'session' },
    options: () => ({ log: mixedUpLog() }),
    happen: async ({ knock }) => (await knock({ token: 'ada' })).closed,
  },
  throughline_faults_total: {
    labels: { where: 'handler' },
    options: () => ({
      onMessage: () => {
        throw new Error('the handler is broken');
      },
    }),
    happen: (observed) => say(observed, 'Why did costs fall?'),
  },
};

/** Waits for a condition. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
