// How a check says what it found.

interface NotChecked extends Error {
  readonly name: 'NotChecked';
}

/** Says why a check cannot judge here: it is neither passed nor failed, and the report shows the reason. */
export function notChecked(reason: string): Error {
  return Object.assign(new Error(reason), { name: 'NotChecked' as const }) satisfies NotChecked;
}

export function isNotChecked(error: unknown): error is NotChecked {
  return error instanceof Error && error.name === 'NotChecked';
}

/** Fails a check unless something holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
