// Services as teams write them, with nothing in them that the boundaries mind.
import type { Planted } from '../syntax/planted.js';

/** A project that must stay clean. */
export interface CleanProject extends Planted {
  readonly name: string;
}

const fastifyService: CleanProject = {
  name: 'a Fastify service that speaks to users through core',
  installs: ['fastify', '@throughline/core', 'pino'],
  files: {
    'src/main.ts': `
import { createServer } from 'node:http';
import fastify from 'fastify';
import { getWebSocketManager, startWebSocketService, type WebSocketManager } from '@throughline/core';
import { jwtAuthenticator } from '@throughline/core/auth';
import { answer } from './agent.js';
import { settings } from './settings.js';

const app = fastify({ serverFactory: (handler) => createServer(handler) });
app.get('/health', async () => ({ ok: true }));
await app.listen({ port: settings.port });

const service = await startWebSocketService({
  server: app.server,
  authenticate: jwtAuthenticator({ secret: settings.secret, issuer: 'shop', audience: 'shop' }),
  onMessage: async (message, userContext) => {
    const webSocketManager: WebSocketManager = getWebSocketManager(userContext);
    await webSocketManager.run({ agent_name: 'seller', thread_id: message.thread_id }, (run) => answer(run, message));
  },
});
app.post('/orders/:id/paid', async (request) => {
  const userContext = await service.authenticate({ token: request.headers.authorization ?? '' });
  const manager = getWebSocketManager(userContext);
  await manager.send('shop.order_paid', { order: (request.params as { id: string }).id });
});
process.once('SIGTERM', () => service.drain().then(() => app.close()));
`,
    'src/agent.ts': `
interface Run { text(piece: string): void; thinking(data: { reasoning: string }): Promise<void>; }
export async function answer(run: Run, message: { data: { text: string } }) {
  await run.thinking({ reasoning: 'A question about ' + message.data.text });
  for (const word of ['It', 'is', 'on', 'its', 'way']) run.text(word);
  return { final_response: 'It is on its way.' };
}
`,
    'src/settings.ts': `
export const settings = { port: Number(process.env.PORT ?? 8080), secret: process.env.JWT_SECRET ?? '' };
`,
    'test/agent.test.ts': `
import { test } from 'node:test';
import { answer } from '../src/agent.js';
class MockWebSocketManager { sent: string[] = []; sendToUser(userId: string, text: string) { this.sent.push(userId + text); } }
test('answers', async () => { await answer({ text() {}, async thinking() {} }, { data: { text: 'shoes' } }); new MockWebSocketManager(); });
`,
  },
};

const ownEmitters: CleanProject = {
  name: 'a service with emitters, managers and factories of its own that know no socket',
  installs: ['express', 'pg'],
  files: {
    'src/event-bus.ts': `
import { EventEmitter } from 'node:events';
type Listener = (payload: unknown) => void;
export class EventBus extends EventEmitter {
  readonly #listeners = new Map<string, Set<Listener>>();
  subscribe(topic: string, listener: Listener) {
    const listeners = this.#listeners.get(topic) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(topic, listeners);
    return () => listeners.delete(listener);
  }
  publish(topic: string, payload: unknown) {
    for (const listener of this.#listeners.get(topic) ?? []) listener(payload);
    this.emit('published', topic);
  }
}
`,
    'src/connection-manager.ts': `
import { type Client, Pool } from 'pg';
/** Connections to databases, one pool for each tenant. */
export class ConnectionManager {
  readonly #connections = new Map<string, Pool>();
  addConnection(tenantId: string, connection: Pool) { this.#connections.set(tenantId, connection); }
  async query(tenantId: string, text: string) { return this.#connections.get(tenantId)?.query(text); }
  async close() { for (const connection of this.#connections.values()) await connection.end(); }
}
export class SessionManager {
  readonly #sessions = new Map<string, { userId: string; expires: number }>();
  open(userId: string) { this.#sessions.set(userId, { userId, expires: Date.now() + 1000 }); }
  isOpen(userId: string) { return this.#sessions.has(userId); }
}
export class JobManagerFactory { createManager(queue: string) { return new JobManager(queue); } }
export class JobManager { constructor(readonly queue: string) {} emit(job: string) { return [this.queue, job]; } }
export type DatabaseClient = Client;
`,
    'src/main.ts': `
import express from 'express';
import { ConnectionManager, JobManagerFactory, SessionManager } from './connection-manager.js';
import { EventBus } from './event-bus.js';
const app = express();
const bus = new EventBus();
const connections = new ConnectionManager();
const sessions = new SessionManager();
const jobs = new JobManagerFactory().createManager('mail');
app.post('/orders', async (request, response) => {
  await connections.query('acme', 'insert into orders default values');
  sessions.open('user-1');
  jobs.emit('confirmation');
  bus.publish('order', { id: 1 });
  response.send({ ok: true });
});
const server = app.listen(8080);
server.on('connection', (socket) => socket.setNoDelay(true));
server.on('upgrade', (_request, socket) => socket.destroy());
`,
  },
};

const graphql: CleanProject = {
  name: 'a GraphQL server whose subscriptions are server-sent events',
  installs: ['graphql', 'graphql-yoga'],
  files: {
    'src/main.ts': `
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { streams } from './streams.js';
const yoga = createYoga({ schema: createSchema({ typeDefs: 'type Query { a: Int } type Subscription { prices: Float }', resolvers: {
  Query: { a: () => 1 },
  Subscription: { prices: { subscribe: () => streams.listen('prices') } },
} }) });
createServer((request, response) => {
  if (request.url === '/events') return streams.open(String(request.headers['x-user-id']), response);
  return yoga(request, response);
}).listen(4000);
`,
    'src/streams.ts': `
import type { ServerResponse } from 'node:http';
/** Open streams of server-sent events, by user. */
function eventStreams() {
  const connections = new Map<string, Set<ServerResponse>>();
  const send = (response: ServerResponse, event: string, data: unknown) => response.write('event: ' + event + '\\ndata: ' + JSON.stringify(data) + '\\n\\n');
  return {
    open(userId: string, response: ServerResponse) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const open = connections.get(userId) ?? new Set();
      connections.set(userId, open.add(response));
      response.once('close', () => open.delete(response));
    },
    publish(userId: string, event: string, data: unknown) {
      for (const response of connections.get(userId) ?? []) send(response, event, data);
    },
    async *listen(topic: string) { yield { [topic]: 1 }; },
  };
}
export const streams = eventStreams();
`,
  },
};

const redisClient: CleanProject = {
  name: 'a client of Redis with connect and send',
  installs: ['redis'],
  files: {
    'src/resp.ts': `
import { connect, type Socket } from 'node:net';
export interface RedisConnection { send(command: string): Promise<string>; }
/** A connection that speaks the protocol of Redis over TCP. */
export class RespClient {
  #socket: Socket | undefined;
  readonly #waiting: ((answer: string) => void)[] = [];
  connect(host: string, port: number) {
    this.#socket = connect(port, host);
    this.#socket.on('data', (chunk) => this.#waiting.shift()?.(chunk.toString()));
    return new Promise<void>((resolve) => this.#socket?.once('connect', resolve));
  }
  send(command: string): Promise<string> {
    this.#socket?.write(command + '\\r\\n');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  close() { this.#socket?.end(); }
}
`,
    'src/pool.ts': `
import { RespClient } from './resp.js';
/** One client for each shard. */
export class ClientPool {
  readonly #clients = new Map<number, RespClient>();
  register(shard: number, client: RespClient) { this.#clients.set(shard, client); }
  send(shard: number, command: string) { return this.#clients.get(shard)?.send(command); }
  async sendToAll(command: string) { for (const client of this.#clients.values()) await client.send(command); }
}
`,
    'src/main.ts': `
import { createClient } from 'redis';
import { ClientPool } from './pool.js';
import { RespClient } from './resp.js';
const redis = createClient({ url: process.env.REDIS_URL ?? '' });
await redis.connect();
await redis.publish('orders', 'one more');
redis.on('error', (error) => console.error(error));
const pool = new ClientPool();
const client = new RespClient();
await client.connect('localhost', 6379);
pool.register(0, client);
await pool.send(0, 'PING');
`,
  },
};

const mailer: CleanProject = {
  name: 'a mailer whose sendToUser is mail',
  installs: ['nodemailer'],
  files: {
    'src/mailer.ts': `
import nodemailer, { type Transporter } from 'nodemailer';
export class Mailer {
  readonly #transports = new Map<string, Transporter>();
  addConnection(tenantId: string, connection: Transporter) { this.#transports.set(tenantId, connection); }
  async sendToUser(userId: string, subject: string, text: string) {
    const address = await addressOf(userId);
    return this.#transports.get('default')?.sendMail({ to: address, subject, text });
  }
  async broadcast(users: readonly string[], subject: string) {
    for (const user of users) await this.sendToUser(user, subject, '');
  }
}
async function addressOf(userId: string) { return userId + '@example.com'; }
export const createMailer = (url: string) => {
  const mailer = new Mailer();
  mailer.addConnection('default', nodemailer.createTransport(url));
  return mailer;
};
`,
    'src/push.ts': `
interface Device { token: string; send(payload: string): Promise<void>; }
/** Notifications of phones. */
export function pushService(gateway: { send(token: string, payload: string): Promise<void> }) {
  const devices = new Map<string, Device[]>();
  return {
    register(userId: string, device: Device) { devices.set(userId, [...(devices.get(userId) ?? []), device]); },
    async sendToUser(userId: string, payload: string) {
      await Promise.all((devices.get(userId) ?? []).map((device) => gateway.send(device.token, payload)));
    },
  };
}
`,
    'src/main.ts': `
import { createMailer } from './mailer.js';
import { pushService } from './push.js';
const mailer = createMailer(process.env.SMTP_URL ?? '');
const push = pushService({ send: async (token, payload) => { await fetch('https://push.example.com/' + token, { method: 'POST', body: payload }); } });
await mailer.sendToUser('user-1', 'Hello', 'How are you?');
await push.sendToUser('user-1', 'Hello');
`,
  },
};

const nest: CleanProject = {
  name: 'a NestJS service',
  installs: [
    '@nestjs/common',
    '@nestjs/core',
    '@nestjs/event-emitter',
    '@throughline/core',
    'reflect-metadata',
    'rxjs',
  ],
  files: {
    'src/main.ts': `
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks();
  await app.listen(3000);
}
await bootstrap();
`,
    'src/app.module.ts': `
import { Module } from '@nestjs/common';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { ThroughlineService } from './throughline.service.js';
@Module({ controllers: [OrdersController], providers: [OrdersService, ThroughlineService] })
export class AppModule {}
`,
    'src/orders.controller.ts': `
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { OrdersService } from './orders.service.js';
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}
  @Get(':id') find(@Param('id') id: string) { return this.orders.find(id); }
  @Post() create(@Body() body: { userId: string }) { return this.orders.create(body.userId); }
}
`,
    'src/orders.service.ts': `
import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
@Injectable()
export class OrdersService {
  readonly #orders = new Map<string, { userId: string }>();
  constructor(private readonly events: EventEmitter2) {}
  find(id: string) { return this.#orders.get(id); }
  create(userId: string) {
    this.#orders.set(userId, { userId });
    this.events.emit('order.created', { userId });
  }
}
`,
    'src/throughline.service.ts': `
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { getWebSocketManager, startWebSocketService, type UserContext, type WebSocketService } from '@throughline/core';
@Injectable()
export class ThroughlineService implements OnApplicationBootstrap, OnApplicationShutdown {
  #service: WebSocketService | undefined;
  constructor(private readonly host: HttpAdapterHost) {}
  async onApplicationBootstrap() {
    this.#service = await startWebSocketService({ server: this.host.httpAdapter.getHttpServer(), authenticate: async () => null, onMessage: async () => {} });
  }
  async notify(userContext: UserContext, text: string) { await getWebSocketManager(userContext).send('shop.note', { text }); }
  async onApplicationShutdown() { await this.#service?.drain(); }
}
`,
  },
};

export const services: readonly CleanProject[] = [fastifyService, ownEmitters, graphql, redisClient, mailer, nest];
