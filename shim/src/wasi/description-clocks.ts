/** wasi:clocks 0.2: monotonic-clock, wall-clock, timezone. */
import {
  alias,
  bool,
  count,
  func,
  own,
  record,
  s32,
  string,
  u32,
  u64,
  witInterface,
} from '../abi/wit.ts';

const instant = alias('instant', count);
const duration = alias('duration', count);

/** Also the type of the file times of wasi:filesystem. */
export const datetime = record('datetime', { seconds: u64, nanoseconds: u32 });
const timezoneDisplay = record('timezone-display', {
  'utc-offset': s32,
  name: string,
  'in-daylight-saving-time': bool,
});

/** The interfaces of wasi:clocks. */
export const clocksInterfaces = [
  witInterface('wasi:clocks/monotonic-clock', {
    types: [instant, duration],
    functions: {
      now: func({}, instant),
      resolution: func({}, duration),
      'subscribe-instant': func({ when: instant }, own('pollable')),
      'subscribe-duration': func({ when: duration }, own('pollable')),
    },
  }),
  witInterface('wasi:clocks/wall-clock', {
    types: [datetime],
    functions: { now: func({}, datetime), resolution: func({}, datetime) },
  }),
  witInterface('wasi:clocks/timezone', {
    types: [timezoneDisplay],
    functions: {
      display: func({ when: datetime }, timezoneDisplay),
      'utc-offset': func({ when: datetime }, s32),
    },
  }),
];
