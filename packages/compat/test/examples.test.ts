// The examples of the registry are written for people, who copy them: each must compile.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { deprecations } from '../src/deprecations.js';

/** What stands around an example in the code of whoever reads it. */
const surroundings = `
import { startWebSocketService, type ServiceOptions, type Run, type ToolCall, type UserContext, type WebSocketManager, type WebSocketService } from '@throughline/core';
declare const userContext: UserContext;
declare const server: ServiceOptions['server'];
declare const authenticate: ServiceOptions['authenticate'];
declare const client: { on(type: 'event', show: (event: unknown) => void): void };
declare const show: (event: unknown) => void;
declare const [thread_id, text, query, final_response]: string[];
declare const results: unknown;
`;
const inScope = 'manager: WebSocketManager, service: WebSocketService, run: Run, tool: ToolCall';

/** One module of all examples, each in a function of its own, and on which line each begins. */
function moduleOf(examples: readonly (readonly [string, string])[]): string {
  const functions = examples.map(([code, example]) => {
    const body = example.replace(/^import .*$/gm, '');
    return `export async function ${code}(${inScope}) { void [manager, service, run, tool];\n{ ${body}\n} }`;
  });
  const imports = new Set(examples.flatMap(([, example]) => example.match(/^import .*$/gm) ?? []));
  const merged = [...imports].filter((one) => !one.includes('type WebSocketManager') && !one.includes('import type'));
  return [...merged, surroundings, ...functions].join('\n');
}

function faultsOf(text: string): string[] {
  const name = fileURLToPath(new URL('./examples-of-the-registry.ts', import.meta.url));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    customConditions: ['@throughline/source'],
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.readFile = (file) => (file === name ? text : readFile(file));
  host.getSourceFile = (file, ...more) =>
    file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022) : getSourceFile(file, ...more);
  const program = ts.createProgram([name], options, host);
  const source = program.getSourceFile(name);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText, start = 0 }) => {
      const line = text.slice(0, start).split('\n').length;
      return `${text.split('\n')[line - 1]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    },
  );
}

const examples = Object.values(deprecations).map(({ code, replacement }) => [code, replacement.example] as const);

test('S3 S15 the examples compile', { timeout: 60_000 }, () => {
  expect(faultsOf(moduleOf(examples))).toEqual([]);
});

test('an example that does not compile is found out', { timeout: 60_000 }, () => {
  expect(faultsOf(moduleOf([['TL_DEP0001', 'manager.sendToUser();']])).join()).toContain("'sendToUser' does not exist");
});
