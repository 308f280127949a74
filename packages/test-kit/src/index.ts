// The real service in milliseconds, faults on demand, assertions on histories.
export {};
