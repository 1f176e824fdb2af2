/** wasi:random 0.2: random, insecure, insecure-seed. */
import { bytes, count, func, tuple, u64, witInterface } from '../abi/wit.ts';

/** The interfaces of wasi:random. */
export const randomInterfaces = [
  witInterface('wasi:random/random', {
    functions: {
      'get-random-bytes': func({ len: count }, bytes, { sink: true }),
      'get-random-u64': func({}, u64),
    },
  }),
  witInterface('wasi:random/insecure', {
    functions: {
      'get-insecure-random-bytes': func({ len: count }, bytes, { sink: true }),
      'get-insecure-random-u64': func({}, u64),
    },
  }),
  witInterface('wasi:random/insecure-seed', {
    functions: { 'insecure-seed': func({}, tuple(u64, u64)) },
  }),
];
