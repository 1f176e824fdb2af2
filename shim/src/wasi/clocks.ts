/** wasi:clocks over the browser's clocks and timers. */
import type { Readiness } from '../abi/readiness.ts';
import type { ClocksInterfaces, Datetime } from '../generated/clocks.ts';
import { ReadinessPollable } from './io.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** The longest delay of a timer, in milliseconds: it is kept in 31 bits. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * Makes the interfaces of wasi:clocks. The monotonic clock counts from the creation of the worker;
 * browsers round it to between 5 µs and 1 ms.
 */
export function createClocks(): ClocksInterfaces {
  // Steps of the clock can be seen only by waiting for one, so that is put off until asked for.
  let resolution: number | undefined;
  const monotonicResolution = (): number => (resolution ??= measureResolution());
  return {
    'wasi:clocks/monotonic-clock': {
      now: monotonicNow,
      resolution: monotonicResolution,
      subscribeInstant: (when) => new ReadinessPollable(new Timer(when)),
      subscribeDuration: (when) => new ReadinessPollable(new Timer(monotonicNow() + when)),
    },
    'wasi:clocks/wall-clock': {
      now: () => toDatetime(Date.now()),
      resolution: () => toDatetime(1),
    },
    'wasi:clocks/timezone': {
      display(when) {
        const date = toDate(when);
        const utcOffset = offsetInSeconds(date);
        return {
          utcOffset,
          name: zoneName(date),
          inDaylightSavingTime: utcOffset !== standardOffset(date),
        };
      },
      utcOffset: (when) => offsetInSeconds(toDate(when)),
    },
  };
}

/** Nanoseconds since the worker began; an integer. */
function monotonicNow(): number {
  return Math.floor(performance.now() * NANOSECONDS_PER_MILLISECOND);
}

/** The smallest of a few steps of the clock, in nanoseconds. */
function measureResolution(): number {
  let smallest = Infinity;
  for (let step = 0; step < 5; step++) {
    const start = monotonicNow();
    let end = monotonicNow();
    while (end === start) end = monotonicNow();
    smallest = Math.min(smallest, end - start);
  }
  return smallest;
}

/** Ready from an instant of the monotonic clock on; takes a timer only while it is watched. */
class Timer implements Readiness {
  readonly #instant: number;

  constructor(instant: number) {
    this.#instant = instant;
  }

  ready(): boolean {
    return monotonicNow() >= this.#instant;
  }

  watch(callback: () => void): () => void {
    let timeout: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      // Timers count in whole milliseconds by a clock of their own, and some fire early.
      const left = (this.#instant - monotonicNow()) / NANOSECONDS_PER_MILLISECOND;
      timeout = setTimeout(
        () => {
          if (this.ready()) callback();
          else wait();
        },
        Math.min(Math.max(Math.ceil(left), 0), LONGEST_TIMEOUT),
      );
    };
    wait();
    return () => clearTimeout(timeout);
  }
}

function toDatetime(milliseconds: number): Datetime {
  const seconds = Math.floor(milliseconds / 1000);
  const rest = milliseconds - seconds * 1000;
  return {
    seconds: BigInt(seconds),
    nanoseconds: Math.floor(rest * NANOSECONDS_PER_MILLISECOND),
  };
}

function toDate(when: Datetime): Date {
  return new Date(Number(when.seconds) * 1000 + when.nanoseconds / NANOSECONDS_PER_MILLISECOND);
}

/** Seconds east of UTC; 0 for dates that JavaScript cannot express. */
function offsetInSeconds(date: Date): number {
  const minutes = date.getTimezoneOffset();
  return Number.isNaN(minutes) ? 0 : -minutes * 60;
}

/** The smaller offset of the year: clocks are put forward for daylight saving time. */
function standardOffset(date: Date): number {
  const year = date.getFullYear();
  if (Number.isNaN(year)) return 0;
  return Math.min(offsetInSeconds(new Date(year, 0, 1)), offsetInSeconds(new Date(year, 6, 1)));
}

function zoneName(date: Date): string {
  if (Number.isNaN(date.getTime())) return 'UTC';
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}
