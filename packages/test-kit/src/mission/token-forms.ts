// A token as it may come back: whoever repeats what a page sent has it encoded.

/** Shorter ones are in texts by chance. */
const shortestForm = 8;

/** How a token may be written, the longest form first: what is taken out of a text leaves no half of another form. */
export function formsOf(token: string): readonly string[] {
  const url = [Buffer.from(token).toString('base64url'), ...[0, 1, 2].map((offset) => base64Inside(token, offset))];
  const encoded = [
    ...url,
    ...url.map((form) => form.replaceAll('-', '+').replaceAll('_', '/')),
    encodeURIComponent(token),
    JSON.stringify(token).slice(1, -1),
  ].filter(({ length }) => length >= shortestForm);
  return [...new Set([token, ...encoded])].toSorted((one, other) => other.length - one.length);
}

/** What is the same in base64 whatever stands around a token that begins so many bytes behind a group of three. */
function base64Inside(token: string, offset: number): string {
  const bytes = Buffer.from(token);
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
