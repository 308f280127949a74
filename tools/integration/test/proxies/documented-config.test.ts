// Acceptance never skips: without a proxy, or with another configuration than the documented one, a test fails and says so.
import { describe, expect, test } from 'vitest';
import { documentedBlocks, edited } from '../../src/proxies/documented-config.js';
import { proxyPrograms } from '../../src/proxies/programs.js';
import { type ProxyProgram, startReverseProxy } from '../../src/proxies/reverse-proxy.js';

const settings = { upstream: 1, signal: new AbortController().signal };

test('R20: a proxy that is not installed is a failure that names the command', async () => {
  const absent = { ...proxyPrograms[0], name: 'no-such-proxy' as never } as ProxyProgram;
  await expect(startReverseProxy(absent, settings)).rejects.toThrow(
    'apt-get install -y --no-install-recommends no-such-proxy',
  );
});

test.each(proxyPrograms)(
  'R20: $name that cannot read its configuration is a failure with its own words',
  async (one) => {
    const broken = { ...one, config: () => 'nonsense {' };
    await expect(startReverseProxy(broken, settings)).rejects.toThrow(/ended with 1: .*\/config:1/s);
  },
);

describe('what is tested is what is documented', () => {
  test('a language that the page does not show', () => {
    expect(() => documentedBlocks('squid')).toThrow('no configuration in squid');
  });

  test.each(['listen 81;', 'proxy_set_header'])('an edit of what is not there, or there twice: %s', (text) => {
    expect(() => edited(documentedBlocks('nginx')[1] as string, [[text, '']])).toThrow(text);
  });
});
