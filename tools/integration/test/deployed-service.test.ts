// S12, the two families against a deployed service: the mission suite is a process, the service another, and a real proxy stands between.
import { describe, expect, test } from 'vitest';
import { checksThat, flyMission, logIn, startDeployedService } from '../src/deployed-service.js';
import { writeLegacyPrograms } from '../src/legacy-programs.js';
import { proxyPrograms } from '../src/proxies/programs.js';
import { type ProxyProgram, startReverseProxy } from '../src/proxies/reverse-proxy.js';
import { tokenOf } from '../src/tokens.js';

const question = ['--message', '{"text":"What is a cursor? {secret}"}'];
const tokens = () => Promise.all([tokenOf('ada'), tokenOf('bob')]);
const [nginx] = proxyPrograms as readonly [ProxyProgram];

describe.concurrent('S12 deployed service: the agent workflow of the example', { timeout: 90_000 }, () => {
  test.for(proxyPrograms)(
    'S12 deployed service: logged in, cut, reloaded and stalled, through $name',
    async (program, { signal, expect }) => {
      await using service = await startDeployedService('golden-path', signal);
      await using proxy = await startReverseProxy(program, { signal, upstream: service.port });
      const site = `http://127.0.0.1:${proxy.port}`;
      const users = [await logIn(site, 'ada'), await logIn(site, 'grace')];
      const args = [proxy.url, ...question, '--origin', site, '--usage', service.usage, '--strict'];
      const mission = await flyMission(args, users);
      expect(mission.code, mission.output).toBe(0);
      expect(mission.report?.verdict).toBe('passed');
      for (const token of users) expect(mission.output).not.toContain(token);
    },
  );
});

describe('S12 deployed service: what stands in between', { timeout: 90_000 }, () => {
  test('S12 deployed service: a proxy that takes the token out is found', async ({ signal }) => {
    await using service = await startDeployedService('canonical', signal);
    const settings = { signal, upstream: service.port } as const;
    await using stripping = await startReverseProxy(nginx, { ...settings, strips: 'authorization' });
    const first = await flyMission([stripping.url], await tokens());
    expect([first.code, checksThat(first, 'failed')], first.output).toEqual([1, ['authorization-header']]);
    await using blind = await startReverseProxy(nginx, { ...settings, strips: 'subprotocol items' });
    const second = await flyMission([blind.url], await tokens());
    expect([second.code, checksThat(second, 'failed')], second.output).toEqual([1, ['arrival']]);
  });

  test('S12 deployed service: a proxy that cuts before the heartbeat is found', async ({ signal }) => {
    await using service = await startDeployedService('canonical', signal);
    await using proxy = await startReverseProxy(nginx, { signal, upstream: service.port, idleMs: 500 });
    const mission = await flyMission([proxy.url], await tokens());
    expect(mission.code, mission.output).toBe(1);
    expect(checksThat(mission, 'failed'), mission.output).toEqual(
      expect.arrayContaining(['heartbeat', 'connections-stay']),
    );
  });

  test('S12 deployed service: nobody behind the proxy is a failure, no proxy at all is no verdict', async ({
    signal,
  }) => {
    const service = await startDeployedService('canonical', signal);
    await using proxy = await startReverseProxy(nginx, { signal, upstream: service.port });
    await service[Symbol.asyncDispose]();
    const behind = await flyMission([proxy.url], await tokens());
    expect([behind.code, checksThat(behind, 'failed')], behind.output).toEqual([1, ['arrival']]);
    expect(behind.report?.checks[0]?.detail).toContain('502');
    const nowhere = await flyMission([`ws://127.0.0.1:${service.port}/ws`], await tokens());
    expect([nowhere.code, nowhere.report], nowhere.output).toEqual([2, undefined]);
  });
});

describe('S12 deployed service: isolation, and no deprecation warning', { timeout: 90_000 }, () => {
  const ofUsers = ['isolation', 'foreign-position', 'foreign-cancel', 'foreign-refresh', 'tokens-stay-secret'];

  test('S12 deployed service, S13: two users apart, and what is deployed uses nothing deprecated', async ({
    signal,
  }) => {
    await using service = await startDeployedService('canonical', signal);
    await using proxy = await startReverseProxy(nginx, { signal, upstream: service.port });
    const mission = await flyMission([proxy.url, '--usage', service.usage, '--strict'], await tokens());
    expect([mission.code, checksThat(mission, 'failed')], mission.output).toEqual([0, []]);
    expect(checksThat(mission, 'passed')).toEqual(expect.arrayContaining([...ofUsers, 'deprecations']));
  });

  test('S12 deployed service, S13: legacy call sites keep users apart too, and are found, with their lines', async ({
    signal,
  }) => {
    await using programs = await writeLegacyPrograms();
    await using service = await startDeployedService(programs.agent, signal);
    await using proxy = await startReverseProxy(nginx, { signal, upstream: service.port });
    const mission = await flyMission([proxy.url, '--usage', service.usage], await tokens());
    expect([mission.code, checksThat(mission, 'failed')], mission.output).toEqual([1, ['deprecations']]);
    expect(checksThat(mission, 'passed')).toEqual(expect.arrayContaining(ofUsers));
    expect(mission.output).toMatch(/TL_DEP0001 at .*agent\.mjs:\d+/);
  });
});
