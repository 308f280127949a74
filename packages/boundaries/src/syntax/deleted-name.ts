import type { Node } from 'oxc-parser';
import { spellingsOf } from '../spelling.js';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { isTombstone } from './forbidden.js';
import { isEscaped } from './mentions.js';

/** Letters of other alphabets that look like those of a name: Cyrillic and Greek. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  (
    'аaсcеeоoрpхxуyѕsіiјjһhԁdгrкkмmтtвbԝwοoАAВBЕEКKМMНHОOРPСCТTХXЅSЈJԜWΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX'.match(/../gu) ?? []
  ).map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
);

/** The name of a deleted module on something else: a class, a function, a type, a method. */
export const noDeletedName: SyntaxRule = {
  name: 'no-deleted-name',
  why: 'What was deleted comes back under its old name first. Whoever meets the name takes it for the real thing.',
  check(file, project) {
    if (isTombstone(file.path, project)) return [];
    const isForeign = /[\u0370-\u04ff\u0500-\u052f]/.test(file.text);
    const rows = project.plan.deleted.map((row) => ({ row, expression: new RegExp(spellingsOf(row.module)) }));
    const text = isForeign ? plainLetters(file.text) : file.text;
    const likely = rows.filter(({ expression }) => expression.test(text) || isEscaped(file.text));
    if (likely.length === 0) return [];
    const names = new Map<string, Node>();
    for (const kind of ['Identifier', 'PrivateIdentifier', 'JSXIdentifier'] as const) {
      for (const node of file.tree.of(kind)) if (!names.has(node.name)) names.set(node.name, node);
    }
    return [...names].flatMap(([name, node]): Finding[] => {
      const hit = likely.find(({ expression }) => expression.test(plainLetters(name)));
      if (!hit) return [];
      const message = `${name} has the name of ${hit.row.module}, which was deleted.`;
      return [{ file: file.path, ...file.lineOf(node.start), to: name, message, instead: hit.row.instead }];
    });
  },
};

function plainLetters(text: string): string {
  return text.replace(/[\u0370-\u052f]/g, (letter) => LOOKALIKES.get(letter) ?? letter);
}
