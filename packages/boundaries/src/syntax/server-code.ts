import type { Import } from '../graph.js';
import { matcher } from '../pattern.js';
import type { Project } from '../project.js';
import { packageOf } from '../specifier.js';

/** Libraries that run on servers, and those that run in pages. */
const SERVER =
  /^(?:@throughline\/(?:core|telemetry|redis|durable)|fastify|@fastify\/.+|express|koa|@koa\/.+|@hapi\/.+|hono|@hono\/.+|@nestjs\/.+|restify|polka|@trpc\/server|@apollo\/server|graphql-yoga|pg|mysql2|mongodb|mongoose|redis|ioredis|@prisma\/client|bullmq|undici|kafkajs|amqplib|nodemailer|jsonwebtoken)$/;
const PAGE = /^(?:react|react-dom|preact|vue|svelte|solid-js|lit|@angular\/.+|@throughline\/client)$/;

/**
 * Whether a file runs on a server. It says so itself where it imports something of Node or a library of servers; else
 * it does so through those that import it, as long as no page does. Packages are judged apart: what runs in both is
 * told by none of its users.
 */
export function isServerCode(path: string, project: Project): boolean {
  const { modules } = project.graph;
  const isBrowser = matcher(project.plan.layers.filter(({ browser }) => browser).flatMap(({ files }) => files));
  if (isBrowser(path)) return false;
  const own = kindOf(path, modules.get(path) ?? [], project);
  if (own !== undefined) return own === 'server';
  const home = project.workspaceOf(path);
  const importers = importersOf(project);
  const seen = new Set([path]);
  let found = false;
  for (const target of seen) {
    for (const from of importers.get(target) ?? []) {
      if (seen.has(from) || project.workspaceOf(from) !== home) continue;
      const kind = kindOf(from, modules.get(from) ?? [], project);
      if (kind === 'page') return false;
      found ||= kind === 'server';
      seen.add(from);
    }
  }
  return found;
}

function importersOf({ graph }: Project): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const [from, imports] of graph.modules) {
    for (const { to, typeOnly } of imports) {
      if (typeOnly) continue;
      const known = importers.get(to);
      if (known) known.push(from);
      else importers.set(to, [from]);
    }
  }
  return importers;
}

function kindOf(path: string, imports: readonly Import[], { parse }: Project): 'server' | 'page' | undefined {
  if (/\.[jt]sx$/.test(path)) return 'page';
  const values = imports.filter(({ typeOnly }) => !typeOnly);
  const names = values.map(({ specifier }) => packageOf(specifier) ?? '');
  if (names.some((name) => PAGE.test(name))) return 'page';
  if (values.some(({ kinds, specifier }) => kinds.includes('core') || specifier.startsWith('node:'))) return 'server';
  if (names.some((name) => SERVER.test(name))) return 'server';
  const text = parse(path)?.text ?? '';
  if (/\b(?:document|window|location|navigator|localStorage)\b\s*[.?]/.test(text)) return 'page';
  if (
    /\bprocess\s*\.\s*(?:argv|on|once|exit|pid|cwd|stdout|stderr|nextTick|hrtime)\b|\b__dirname\b|\bimport\.meta\.dirname\b/.test(
      text,
    )
  )
    return 'server';
  return undefined;
}
