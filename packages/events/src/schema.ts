// What the schema says, as types and checks.
import type { EventDataByType } from './generated/types.js';
import { validators } from './generated/validators.js';

/** The types of the events that every service and client knows: a closed set. */
export type BuiltInEventType = keyof EventDataByType;

/** A team's own event type: a namespace, a dot, a name, such as `acme.invoice_ready`. */
export type CustomEventType = `${string}.${string}`;

const customType = /^[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63}){1,3}$/;

/** Whether `type` is one of the built-in event types. */
export function isBuiltInEventType(type: string): type is BuiltInEventType {
  return Object.hasOwn(validators, type);
}

/** Whether `type` may name a custom event: two to four lower-case words joined by dots. */
export function isCustomEventType(type: string): type is CustomEventType {
  return customType.test(type);
}

/**
 * Says what is wrong with the data of an event.
 *
 * @param type one of the built-in types
 * @param data the value that an agent wants to send
 * @returns `undefined` when the data is right, else one sentence that names the field, such as
 *   `data.progress must be <= 1`. It quotes field names only, never values: those may be secret.
 */
export function findDataFault(type: BuiltInEventType, data: unknown): string | undefined {
  const validate = validators[type];
  if (validate(data)) return undefined;
  const error = validate.errors?.[0];
  if (!error) return 'data does not match its schema';
  const field = `data${error.instancePath.replaceAll('/', '.')}`;
  const extra = error.params.additionalProperty;
  if (typeof extra === 'string') return `${field} has no field ${JSON.stringify(extra.slice(0, 64))}`;
  const allowed = error.params.allowedValues;
  if (Array.isArray(allowed)) return `${field} must be one of ${allowed.join(', ')}`;
  if (error.keyword === 'false schema') return `${field} must be absent`;
  return `${field} ${error.message ?? 'is not valid'}`;
}
