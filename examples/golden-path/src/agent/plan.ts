/** One thing to do for an answer. A question may ask for several. */
export type Step =
  | { readonly kind: 'calculate'; readonly expression: string }
  /** Read one file and say what is in it, or answer `question` from it. */
  | { readonly kind: 'read'; readonly path: string; readonly question?: string }
  | { readonly kind: 'research'; readonly question: string }
  /** Say who answers here, and from what. */
  | { readonly kind: 'introduce' };

/** More would be a list of questions, not a question. */
const mostSteps = 4;

const asking = 'what|which|how|who|when|why|where|read|open|show|summari[sz]e|calculate|compute';
const between = new RegExp(String.raw`(?<=[?;])\s+|\s*,?\s+(?:and|then)\s+(?=(?:${asking})\b)`, 'i');

/** Arithmetic in words, as people write it, to signs. */
const spoken: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d),(?=\d{3}\b)/g, ''],
  [/\s*(?:%|\bper ?cent)\s+of\b/gi, '% *'],
  [/\s*\bper ?cent\b/gi, '%'],
  [/\b(?:the )?square root of\s+(\([^)]*\)|[\d.]+)/gi, 'sqrt($1)'],
  [/\bplus\b/gi, '+'],
  [/\bminus\b|[−–]/gi, '-'],
  [/\b(?:multiplied by|times)\b|[×·]/gi, '*'],
  [/\b(?:divided by|over)\b|÷/gi, '/'],
  [/\b(?:to the power of|\*\*)/gi, '^'],
  [/\s+squared\b|²/gi, '^2'],
  [/\s+cubed\b|³/gi, '^3'],
];

const withoutEnd = (text: string): string => text.trim().replace(/[?.!;=\s]+$/, '');

function inSigns(text: string): string {
  return spoken.reduce((expression, [words, signs]) => expression.replace(words, signs), withoutEnd(text)).trim();
}

/** Only numbers, signs and names of functions, and something to work out: "4401" alone is a topic, not a sum. */
function isArithmetic(expression: string): boolean {
  return (
    /^(?:[\d.\s+\-*/^%!(),]|\b(?:sqrt|cbrt|abs|log|log2|log10|exp|sin|cos|tan|round|floor|ceil|min|max|mod|pow|pi|e)\b)+$/.test(
      expression,
    ) &&
    /\d/.test(expression) &&
    /[\d)]\s*[+\-*/^%!]|[+\-*/^]\s*[\d(]|\b\w+\(/.test(expression)
  );
}

function calculation(part: string): Step | undefined {
  const ordered = /^(?:please\s+)?(?:calculate|compute|evaluate|work out|how much (?:is|are))\s+(.+)$/is.exec(
    part,
  )?.[1];
  if (ordered !== undefined && /\d/.test(ordered)) return { kind: 'calculate', expression: inSigns(ordered) };
  const expression = inSigns(part.replace(/^(?:what(?:'s| is| are| does))\s+/i, ''));
  return isArithmetic(expression) ? { kind: 'calculate', expression } : undefined;
}

const looksLikePath = (word: string): boolean => /[\w)]\.\w{1,5}$|[\\/]/.test(word);

function reading(part: string): Step | undefined {
  const read =
    /^(?:please\s+)?(?:read|open|show(?: me)?|cat|view|summari[sz]e)\s+(?:the\s+)?(?:file\s+)?[`"']?([^\s`"',?]+)[`"']?(.*)$/is.exec(
      part,
    );
  const inside = /^(?:in|according to)\s+[`"']?([^\s`"',?]+)[`"']?,?\s+(.+)$/is.exec(part);
  const found = read ?? inside;
  const path = found?.[1]?.replace(/[.:;]+$/, '');
  if (path === undefined || !looksLikePath(path)) return undefined;
  const rest = withoutEnd((found?.[2] ?? '').replace(/^\s*[:,;–-]?\s*(?:and\s+)?(?:tell me|say|explain)?\s*/i, ''));
  return { kind: 'read', path, ...(rest.length < 3 ? {} : { question: rest }) };
}

const greeting =
  /^(?:hi|hello|hey|good (?:morning|evening|day)|help|who are you|what can you do|what (?:can|may|should) i ask(?: you)?)\b[\s!?.]*$/i;

/** What to do, from the words alone: the same question always gets the same plan. */
export function planFor(question: string): readonly Step[] {
  if (greeting.test(question.trim())) return [{ kind: 'introduce' }];
  const parts = question
    .split(between)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  // "Read docs/x.md and tell me what a cursor is" is one wish about one file: its second half stays with the first.
  const steps = parts.map((part): Step => calculation(part) ?? reading(part) ?? { kind: 'research', question: part });
  return steps.slice(0, mostSteps);
}
