// The page around the client, when there is one: when it comes back to life, and when a person touches it.

/**
 * Reports signs until the function it returns is called: `true` when a person focused or clicked the page or brought it to
 * the front; `false` when the network came back or the page became visible; nothing when the network went away, which
 * makes a connection doubtful and a new one pointless. Without a page it never reports.
 */
export type WatchPage = (report: (byPerson?: boolean) => void) => () => void;

export const watchPage: WatchPage = (report) => {
  const { addEventListener, document } = globalThis;
  const watching = new AbortController();
  const listen = (type: string, react: () => void) =>
    // Node has no such function. Capturing: a page may stop its clicks on their way up.
    addEventListener?.(type, react, { signal: watching.signal, capture: true });
  const act = () => report(true);
  listen('focus', act);
  listen('click', act);
  listen('online', () => report(false));
  listen('offline', () => report());
  listen('visibilitychange', () => {
    if (document.hidden) return;
    report(false);
    act();
  });
  return () => watching.abort();
};
