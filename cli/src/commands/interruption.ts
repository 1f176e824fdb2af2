import { deferred } from '../deferred.ts';

/** Signals that end the tool, with the exit status a shell reports for them. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Catches the signals that ask the tool to end.
 *
 * @returns a promise of the exit status, resolved by the first signal; a second one ends the
 *   process at once (the host closes what is left)
 */
export function catchSignals(): Promise<number> {
  const { promise, resolve } = deferred<number>();
  let asked = false;
  for (const [signal, status] of Object.entries(signals)) {
    process.on(signal, () => {
      if (asked) process.exit(status);
      asked = true;
      resolve(status);
    });
  }
  return promise;
}
