/** wasi:io 0.2: error, poll, streams. */
import {
  bool,
  borrow,
  bytes,
  count,
  func,
  list,
  own,
  result,
  string,
  u32,
  variant,
  witInterface,
} from '../abi/wit.ts';

const streamError = variant('stream-error', {
  'last-operation-failed': own('error'),
  closed: undefined,
});
const done = result(undefined, streamError);
const counted = result(count, streamError);
const read = result(bytes, streamError);
const subscribe = func({}, own('pollable'), { children: 'of-self' });

/** The interfaces of wasi:io. */
export const ioInterfaces = [
  witInterface('wasi:io/error', {
    resources: { error: { 'to-debug-string': func({}, string) } },
  }),
  witInterface('wasi:io/poll', {
    resources: {
      pollable: {
        ready: func({}, bool, { blocking: 'yields' }),
        block: func({}, undefined, { blocking: 'sometimes' }),
      },
    },
    functions: {
      poll: func({ in: list(borrow('pollable')) }, list(u32), { blocking: 'sometimes' }),
    },
  }),
  witInterface('wasi:io/streams', {
    types: [streamError],
    resources: {
      'input-stream': {
        read: func({ len: count }, read, { blocking: 'sometimes', sink: true }),
        'blocking-read': func({ len: count }, read, { blocking: 'sometimes', sink: true }),
        skip: func({ len: count }, counted, { blocking: 'sometimes' }),
        'blocking-skip': func({ len: count }, counted, { blocking: 'sometimes' }),
        subscribe,
      },
      'output-stream': {
        'check-write': func({}, counted, { blocking: 'yields' }),
        write: func({ contents: bytes }, done, { blocking: 'sometimes' }),
        'blocking-write-and-flush': func({ contents: bytes }, done, { blocking: 'sometimes' }),
        flush: func({}, done, { blocking: 'sometimes' }),
        'blocking-flush': func({}, done, { blocking: 'sometimes' }),
        subscribe,
        'write-zeroes': func({ len: count }, done, { blocking: 'sometimes' }),
        'blocking-write-zeroes-and-flush': func({ len: count }, done, { blocking: 'sometimes' }),
        splice: func({ src: borrow('input-stream'), len: count }, counted, {
          blocking: 'sometimes',
        }),
        'blocking-splice': func({ src: borrow('input-stream'), len: count }, counted, {
          blocking: 'sometimes',
        }),
      },
    },
  }),
];
