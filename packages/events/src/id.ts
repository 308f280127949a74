// What may name a user, a tenant, a thread, a run, a message.

declare const kind: unique symbol;

/**
 * An id of one kind.
 *
 * A plain string may become an id of any kind (it is checked where it comes in), but an id of one kind never passes for
 * another: that a thread's id was once used as a user's is how answers came to the wrong people.
 */
export type Id<Kind extends string> = string & { readonly [kind]?: Kind };

export type UserId = Id<'user'>;
export type TenantId = Id<'tenant'>;
export type ThreadId = Id<'thread'>;
export type RunId = Id<'run'>;
export type MessageId = Id<'message'>;
export type SessionId = Id<'session'>;

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
