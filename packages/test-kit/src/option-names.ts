// Misspelt options: one that is silently left out changes what is checked, and the check passes all the same.
import { testKitError } from './errors.js';

/**
 * @param of whose options they are, as a message names it
 * @param given what was given; that it is an object at all is checked too
 * @throws OPTION_INVALID naming the first option that is none
 */
export function checkNames(of: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw testKitError('OPTION_INVALID', `The options of ${of} are an object.`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const choice = known.length === 0 ? 'It has none.' : `It has ${known.join(', ')}.`;
  throw testKitError('OPTION_INVALID', `There is no option ${unknown} of ${of}. ${choice}`);
}
