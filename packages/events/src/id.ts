// What may name a user, a thread, a run, a message.

const form = /^[!-~]{1,128}$/;

/**
 * Whether a value may serve as an id: 1 to 128 printable ASCII characters, no space.
 *
 * No control characters (they forge log lines), no spaces and nothing outside ASCII (two ids that look alike to a
 * person must not differ to a program).
 */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && form.test(value);
}
