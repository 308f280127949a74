// A Map that remembers what was noted last.

/** How much is remembered. */
const most = 1_000;

/** Notes `value` as the latest, and forgets what was noted longest ago when there is too much. */
export function remember<key, value>(map: Map<key, value>, key: key, value: value): void {
  // Out and in again: a Map keeps the order of insertion, so its first is the one noted longest ago.
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value as key);
}
