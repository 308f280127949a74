// The time of events, as text.

/**
 * Tells the time as it stands in events: ISO 8601, UTC, milliseconds.
 *
 * The text of a millisecond is made once: it costs as much as the rest of a small event, and turns hold many.
 */
export function createTimestamps(now: () => number): () => string {
  let last = Number.NaN;
  let text = '';
  return () => {
    const time = now();
    if (time !== last) {
      last = time;
      text = new Date(time).toISOString();
    }
    return text;
  };
}
