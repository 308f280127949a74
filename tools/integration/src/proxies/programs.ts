// The proxies that Debian has, each with the configuration that docs/reverse-proxies.md shows.
import { join } from 'node:path';
import { documentedBlocks, type Edit, edited } from './documented-config.js';
import type { ProxyProgram, ProxySettings } from './reverse-proxy.js';

/** Edits that a setting asks for; none without it. */
const forIdle = ({ idleMs }: ProxySettings, ...lines: readonly string[]): Edit[] =>
  idleMs === undefined ? [] : lines.map((line) => [line, line.replace('90s', `${idleMs}ms`)]);

const forStripping = (
  { strips }: ProxySettings,
  line: string,
  lines: Readonly<Record<'authorization' | 'subprotocol items', string>>,
): Edit[] => (strips === undefined ? [] : [[line, `${line}\n${lines[strips]}`]]);

const nginx: ProxyProgram = {
  name: 'nginx',
  config(settings, place) {
    const [main = '', site = ''] = documentedBlocks('nginx');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${join(place.folder, name)};`,
    );
    return [
      edited(main, [['worker_shutdown_timeout 30s', 'worker_shutdown_timeout 1s']]),
      `daemon off; pid ${join(place.folder, 'pid')}; error_log stderr; events {}`,
      `http { access_log off; ${temporary.join(' ')}`,
      edited(site, [
        ['listen 80;', `listen 127.0.0.1:${place.port};`],
        ['127.0.0.1:8080', `127.0.0.1:${settings.upstream}`],
        ...forIdle(settings, 'proxy_read_timeout 90s;', 'proxy_send_timeout 90s;'),
        ...forStripping(settings, 'proxy_set_header Via $hops;', {
          authorization: 'proxy_set_header Authorization "";',
          'subprotocol items': 'proxy_set_header Sec-WebSocket-Protocol throughline.v1;',
        }),
      ]),
      '}',
    ].join('\n');
  },
  run: ({ file }) => ['-e', 'stderr', '-c', file],
  reload: ({ signal }) => signal('SIGHUP'),
};

const haproxy: ProxyProgram = {
  name: 'haproxy',
  config: (settings, place) =>
    edited(documentedBlocks('haproxy').join('\n'), [
      ['hard-stop-after 30s', 'hard-stop-after 1s'],
      ['bind :80', `bind 127.0.0.1:${place.port}`],
      ['127.0.0.1:8080', `127.0.0.1:${settings.upstream}`],
      ...forIdle(settings, 'timeout tunnel 90s'),
      ...forStripping(settings, 'http-request add-header Via "1.1 haproxy"', {
        authorization: '  http-request del-header Authorization',
        'subprotocol items': '  http-request set-header Sec-WebSocket-Protocol throughline.v1',
      }),
    ]),
  run: ({ file, folder }) => ['-W', '-db', '-S', join(folder, 'master'), '-f', file],
  socket: ({ folder }) => join(folder, 'master'),
  // Not by a signal, which ends a master that has only just begun.
  reload: ({ tell }) => tell('reload'),
};

const caddy: ProxyProgram = {
  name: 'caddy',
  config: (settings, place) =>
    [
      `{\n  admin unix//${join(place.folder, 'admin')}\n  default_bind 127.0.0.1\n}`,
      edited(documentedBlocks('caddyfile').join('\n'), [
        ['app.example.com', `http://127.0.0.1:${place.port}`],
        ['127.0.0.1:8080', `127.0.0.1:${settings.upstream}`],
        ...forIdle(settings, 'read_timeout 90s'),
        ...forStripping(settings, 'header_up +Via "1.1 caddy"', {
          authorization: 'header_up -Authorization',
          'subprotocol items': 'header_up Sec-WebSocket-Protocol throughline.v1',
        }),
      ]),
    ].join('\n'),
  run: ({ file }) => ['run', '--adapter', 'caddyfile', '--config', file],
  reload: ({ run }, { file }) => run(['reload', '--force', '--adapter', 'caddyfile', '--config', file]),
};

export const proxyPrograms: readonly ProxyProgram[] = [nginx, haproxy, caddy];
