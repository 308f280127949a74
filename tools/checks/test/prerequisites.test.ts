import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPrerequisites, type PrerequisitePorts, withoutServices } from '../src/prerequisites.js';
import { inTemporaryFolder } from '../src/temporary-folder.js';

const context = { root: '.', signal: new AbortController().signal };
const proxies = ['nginx', 'haproxy', 'caddy'];
const all = ['redis-server', 'chromium', ...proxies];

/** How each is asked for its version: another argument is an error, or starts a server. */
const questions = new Set(['-v', '--version', 'version']);
const asked: Readonly<Record<string, string>> = { nginx: '-v', haproxy: '-v', caddy: 'version' };

/** A machine that has some commands, and whose apt installs what it is asked for unless told otherwise. */
function machine(commands: string[], { isRoot = true, installs = true, reaches = true } = {}) {
  const ran: string[] = [];
  let mayStart = true;
  const ports: PrerequisitePorts = {
    isRoot,
    run: async (command, args) => {
      const words = args.filter((word) => !/^(-o|DPkg)/.test(word));
      if (words.length === 1 && questions.has(words[0] ?? '')) {
        return { ok: commands.includes(command) && words[0] === (asked[command] ?? '--version'), output: '' };
      }
      ran.push([command, ...words].join(' '));
      if (installs && words[0] === 'install' && !mayStart) commands.push(...words.slice(1));
      return { ok: commands.includes(command) && (reaches || words[0] !== 'update'), output: 'apt said this' };
    },
    async withoutServices(task) {
      mayStart = false;
      const result = await task();
      mayStart = true;
      return result;
    },
  };
  return { ran, ports };
}

describe('prerequisites', () => {
  it('are there', async () => {
    const { ran, ports } = machine([...all, 'apt-get']);
    expect(await checkPrerequisites(context, ports)).toMatchObject({ ok: true });
    expect(ran).toEqual([]);
  });

  it.each(all)('are installed by root where apt is, without starting a service: %s', async (missing) => {
    const { ran, ports } = machine([...all.filter((name) => name !== missing), 'apt-get']);
    expect(await checkPrerequisites(context, ports)).toMatchObject({ ok: true, detail: `installed ${missing}` });
    expect(ran).toEqual(['apt-get update', `apt-get install -y --no-install-recommends ${missing}`]);
  });

  it.each([
    ['for anyone but root', machine(['apt-get'], { isRoot: false }), []],
    ['without apt', machine([]), []],
    ['when the package lists cannot be read', machine(['apt-get'], { reaches: false }), ['apt-get update']],
    [
      'when the installation brought nothing',
      machine(['apt-get'], { installs: false }),
      ['apt-get update', `apt-get install -y --no-install-recommends ${all.join(' ')}`],
    ],
  ])('are asked for by name %s', async (_, { ran, ports }, expected) => {
    const outcome = await checkPrerequisites(context, ports);
    const command = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${all.join(' ')}`;
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining(command) });
    expect(ran).toEqual(expected);
  });
});

describe('without services', () => {
  it('Debian’s question whether a package may start one is answered with no, as long as it takes', () =>
    inTemporaryFolder(async (folder) => {
      const policy = join(folder, 'policy-rc.d');
      const ask = async () => execFileSync(policy);
      await expect(withoutServices(ask, policy)).rejects.toMatchObject({ status: 101 });
      expect(existsSync(policy)).toBe(false);
    }));

  it('an answer that somebody gave already stays', () =>
    inTemporaryFolder(async (folder) => {
      const policy = join(folder, 'policy-rc.d');
      writeFileSync(policy, 'theirs');
      expect(await withoutServices(async () => readFileSync(policy, 'utf8'), policy)).toBe('theirs');
      expect(readFileSync(policy, 'utf8')).toBe('theirs');
    }));
});
