/** Whether what is sent to a host stays on this machine. A name that only begins like such a host is somebody else's. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
