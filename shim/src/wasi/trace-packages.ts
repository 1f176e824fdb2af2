/** The packages whose calls can be traced; a list of its own, so that pages need no descriptions. */
export const tracePackages: readonly string[] = [
  'io',
  'clocks',
  'random',
  'cli',
  'filesystem',
  'sockets',
];
