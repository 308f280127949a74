// Which files may break a rule, judged by their text: making the tree is most of the cost.

/** A letter may be written as its number, so that no word can be searched for: `\u0072equire`. */
const ESCAPED = /\\(?:u[0-9a-fA-F{]|x[0-9a-fA-F])/;

/** Whether a name may be written with numbers of letters. */
export function isEscaped(text: string): boolean {
  return ESCAPED.test(text);
}

/** Words that load, and names of the modules of Node that do. */
const LOADERS =
  /\b(?:createRequire|getBuiltinModule|mainModule|_load|Worker|SharedWorker|fork|importScripts|dlopen|registerHooks|mock|doMock|unmock|importActual|importMock|requireActual|requireMock|unstable_mockModule|proxyquire|esmock|rewire)\b|["'`](?:node:)?module["'`]/;
/** `require` and `import()` but for those of one plain string, which the graph shows. */
const REQUIRE = /\brequire\b(?!\s*\(\s*(?:'[^'\\\n]*'|"[^"\\\n]*")\s*\))/;
const IMPORT = /\bimport\s*\((?!\s*(?:'[^'\\\n]*'|"[^"\\\n]*")\s*[,)])/;
/** Detours by the objects that know the loaders. */
const DETOUR =
  /\b(?:module|global|globalThis|process|self|window)\s*(?:\?\.)?\s*\[|\bglobalThis\b(?!\s*\??\.)|\bmodule\s*\??\.\s*(?:constructor|require)|\b(?:Reflect|System)\s*\??\.\s*(?:apply|get|import)\b|\bdeclare\s+module\s*["']|\bimport\s*\.\s*meta\b(?!\s*\??\.\s*(?:url|dirname|filename|env|hot|main)\b)/;

/** Whether a file may load a module in another way than by a statement or by a plain `import('x')` or `require('x')`. */
export function mayLoad(text: string): boolean {
  return LOADERS.test(text) || REQUIRE.test(text) || IMPORT.test(text) || DETOUR.test(text) || ESCAPED.test(text);
}

const RUNNERS =
  /\beval\b|\bFunction\s*\(|[=(,[]\s*Function\b|\.\s*constructor\b|\[\s*["'`]constructor|["'`](?:node:)?(?:vm|child_process|worker_threads)["'`]|\bset(?:Timeout|Interval)\s*\(\s*["'`]|["'`]data:|\bglobalThis\b|\bBlob\b/;

/** Whether a file may run code that is a text. */
export function mayRunText(text: string): boolean {
  return RUNNERS.test(text) || ESCAPED.test(text);
}

/** Whether a file may accept or open sockets. */
export function mayOpenSockets(text: string): boolean {
  return /socket|\bwss?\b|\bio\b|upgrade|noServer|258EAFA5|sha-?1\b|\b101\b/i.test(text) || ESCAPED.test(text);
}

/** Something in the file has a name that speaks of sockets. */
const SOCKETS = /socket|\bwss?(?:\b|[A-Z])|[a-z]Ws\b|\bio\b|broadcast/i;
const SENDS = /\b(?:send|emit|write|publish)\w*\b/;
const USERS = /user|recipient|\buid\b|owner|account|customer|member|tenant|person|principal|\bsub\b/i;
const MANAGERS =
  /(?:sockets?|ws)\w*(?:manager|factory|hub|registry|broadcaster|dispatcher|coordinator|orchestrator|pool)/i;

/** Whether a file may send to sockets. */
export function maySend(text: string): boolean {
  return (SENDS.test(text) && SOCKETS.test(text)) || ESCAPED.test(text);
}

/** Whether a file may keep sockets by user. */
export function mayKeepSockets(text: string): boolean {
  return maySend(text) || (USERS.test(text) && SOCKETS.test(text));
}

/** Whether a file may hold a manager of sockets: one by name, or one that knows sockets and users. */
export function mayManage(text: string): boolean {
  return MANAGERS.test(text) || (USERS.test(text) && SOCKETS.test(text)) || ESCAPED.test(text);
}
