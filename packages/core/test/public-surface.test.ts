// What the compiler allows: nobody is spoken to without a context that a service minted.
import { fileURLToPath } from 'node:url';
import { getWebSocketManager, narrowUserContext, type UserContext, type WebSocketService } from '@throughline/core';
import type { RunId, ThreadId, UserId } from '@throughline/events/protocol';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

describe('S1 S9 R9 the compiler refuses', () => {
  // Never called: that this file compiles, with each line that must not, is the test.
  const proofs = (context: UserContext, service: WebSocketService, user: UserId, thread: ThreadId, run: RunId) => {
    // @ts-expect-error a look-alike
    getWebSocketManager({ user_id: 'ada', tenant_id: 'default', claims: {} });
    // @ts-expect-error a user's id
    getWebSocketManager(user);
    // @ts-expect-error nothing
    getWebSocketManager();
    // @ts-expect-error a look-alike
    narrowUserContext({ user_id: 'ada', tenant_id: 'default', claims: {} }, { thread_id: thread });
    // @ts-expect-error a look-alike
    service.issueTicket({ user_id: 'ada', tenant_id: 'default', claims: {} });
    const manager = getWebSocketManager(context);
    // @ts-expect-error a user's id as a thread's
    void manager.startRun({ agent_name: 'a', thread_id: user });
    // @ts-expect-error a run's id as a thread's
    void manager.send('acme.note', {}, { thread_id: run });
    // @ts-expect-error a thread's id as a user's
    service.revoke({ user_id: thread });
    // @ts-expect-error a user cannot be named where something is given
    void manager.startRun({ agent_name: 'a', thread_id: thread, user_id: user });
    // Plain strings, as they come from a database, may be ids of any kind: they are checked at run time.
    void manager.startRun({ agent_name: 'a', thread_id: 'thread-1' });
    service.revoke({ user_id: 'ada' });
  };

  test('each of the lines above', () => expect(proofs).toBeTypeOf('function'));
});

test('S1 S9 no public function takes a user id, but for those that take something away', () => {
  const entries = ['index.ts', 'log.ts', 'auth.ts'].map((file) =>
    fileURLToPath(new URL(`../src/${file}`, import.meta.url)),
  );
  const program = ts.createProgram(entries, {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    customConditions: ['@throughline/source'],
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const found: string[] = [];

  const takesUser = (type: ts.Type, depth: number): boolean => {
    if (depth === 0 || type.symbol?.name === 'UserContext') return false;
    if (type.isUnionOrIntersection()) return type.types.some((part) => takesUser(part, depth));
    return type.getProperties().some((property) => {
      if (property.name === 'user_id') return true;
      const declaration = property.valueDeclaration;
      if (!declaration || declaration.getSourceFile().fileName.includes('node_modules')) return false;
      const part = checker.getTypeOfSymbolAtLocation(property, declaration);
      return part.getCallSignatures().length === 0 && takesUser(part, depth - 1);
    });
  };
  const look = (name: string, type: ts.Type, depth: number): void => {
    for (const signature of type.getCallSignatures()) {
      for (const parameter of signature.getParameters()) {
        const at = parameter.valueDeclaration ?? (program.getSourceFile(entries[0] ?? '') as ts.Node);
        if (takesUser(checker.getTypeOfSymbolAtLocation(parameter, at), 3)) found.push(name);
      }
      if (depth > 0) lookInside(name, signature.getReturnType(), depth - 1);
    }
  };
  const lookInside = (name: string, type: ts.Type, depth: number): void => {
    const value = checker.getAwaitedType(type) ?? type;
    for (const property of value.getProperties()) {
      const declaration = property.valueDeclaration;
      if (!declaration?.getSourceFile().fileName.includes('/packages/')) continue;
      const label = `${value.symbol?.name ?? name}.${property.name}`;
      look(label, checker.getTypeOfSymbolAtLocation(property, declaration), depth);
    }
  };
  for (const entry of [entries[0], entries[2]]) {
    const source = program.getSourceFile(entry as string) as ts.SourceFile;
    const module = checker.getSymbolAtLocation(source) as ts.Symbol;
    for (const symbol of checker.getExportsOfModule(module)) {
      const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const declaration = declared.valueDeclaration;
      if (declaration) look(symbol.name, checker.getTypeOfSymbolAtLocation(declared, declaration), 3);
    }
  }
  // `memoryLog` gives a store of logs: the seam for storage, below the line where users are addressed.
  const store = ['EventLog.open', 'UserLog.append'];
  expect([...new Set(found)].filter((name) => !store.includes(name)).toSorted()).toEqual([
    'WebSocketService.forget',
    'WebSocketService.revoke',
  ]);
});
