import { describe, expect, it } from 'vitest';
import { checkPrerequisites, type PrerequisitePorts } from '../src/prerequisites.js';

const context = { root: '.', signal: new AbortController().signal };

/** A machine that has some commands, and whose apt installs what it is asked for unless told otherwise. */
function machine(commands: string[], { isRoot = true, installs = true, reaches = true } = {}) {
  const ran: string[] = [];
  const ports: PrerequisitePorts = {
    isRoot,
    run: async (command, args) => {
      const words = args.filter((word) => !/^(-o|DPkg)/.test(word));
      if (words[0] !== '--version') ran.push([command, ...words].join(' '));
      if (installs && words[0] === 'install') commands.push(...words.slice(1));
      return { ok: commands.includes(command) && (reaches || words[0] !== 'update'), output: 'apt said this' };
    },
  };
  return { ran, ports };
}

describe('prerequisites', () => {
  it('are there', async () => {
    const { ran, ports } = machine(['redis-server', 'chromium', 'apt-get']);
    expect(await checkPrerequisites(context, ports)).toMatchObject({ ok: true });
    expect(ran).toEqual([]);
  });

  it('are installed by root where apt is', async () => {
    const { ran, ports } = machine(['redis-server', 'apt-get']);
    expect(await checkPrerequisites(context, ports)).toMatchObject({ ok: true, detail: 'installed chromium' });
    expect(ran).toEqual(['apt-get update', 'apt-get install -y --no-install-recommends chromium']);
  });

  it.each([
    ['for anyone but root', machine(['apt-get'], { isRoot: false }), []],
    ['without apt', machine([]), []],
    ['when the package lists cannot be read', machine(['apt-get'], { reaches: false }), ['apt-get update']],
    [
      'when the installation brought nothing',
      machine(['apt-get'], { installs: false }),
      ['apt-get update', 'apt-get install -y --no-install-recommends redis-server chromium'],
    ],
  ])('are asked for by name %s', async (_, { ran, ports }, expected) => {
    const outcome = await checkPrerequisites(context, ports);
    const command = 'sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server chromium';
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining(command) });
    expect(ran).toEqual(expected);
  });
});
