import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Body, Controller, Inject, Module, Post, UnauthorizedException } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { startWebSocketService, type WebSocketService } from '@throughline/core';
import { answer } from './agent.js';
import type { Mounted } from './mounted.js';
import { type Credentials, createSignIn, type SignIn } from './sign-in.js';

@Controller('sign-in')
class SignInController {
  @Inject('SIGN_IN') private readonly signIn!: SignIn;

  @Post() async post(@Body() credentials: Credentials): Promise<{ token: string }> {
    const token = await this.signIn.tokenFor(credentials);
    if (!token) throw new UnauthorizedException();
    return { token };
  }
}

@Module({ controllers: [SignInController], providers: [{ provide: 'SIGN_IN', useFactory: createSignIn }] })
class AppModule implements OnModuleInit, BeforeApplicationShutdown {
  @Inject(HttpAdapterHost) private readonly host!: HttpAdapterHost;
  @Inject('SIGN_IN') private readonly signIn!: SignIn;
  private service: WebSocketService | undefined;
  async onModuleInit(): Promise<void> {
    const server = this.host.httpAdapter.getHttpServer();
    this.service = await startWebSocketService({ server, authenticate: this.signIn.authenticate, onMessage: answer });
  }
  // Not onApplicationShutdown: Nest calls it when the server has closed, and the server waits for the sockets.
  async beforeApplicationShutdown(): Promise<void> {
    await this.service?.drain();
  }
}

export async function start(port: number): Promise<Mounted> {
  const app = (await NestFactory.create(AppModule, { logger: ['error', 'warn'] })).enableShutdownHooks();
  await app.listen(port, '127.0.0.1');
  return { server: app.getHttpServer(), close: () => app.close() };
}
