/**
 * Times the way of bytes from a program's memory to where JavaScript keeps them: once straight, as
 * the shim goes, and once through the memory of a second wasm instance, as a disk or network stack
 * in wasm would have to.
 */
import {
  encodeModule,
  encodeSection,
  functionBody,
  functionType,
  name,
  section,
  unsigned,
  valueType,
  vector,
} from '../../shim/src/abi/wasm-encoder.ts';
import { nanosecondsPer } from '../support/time.ts';

/** What is timed. */
export interface CopyRequest {
  readonly size: number;
  /** Where the bytes end: in a new buffer, as a frame or a stored block, or in a kept one, as a page. */
  readonly end: 'new' | 'kept';
}

/** Nanoseconds per transfer. */
export interface CopyTimes {
  readonly straight: number;
  readonly through: number;
}

const { i32 } = valueType;

/** A module with a memory, whose `take(pointer, length)` calls the import `host.post` with the same. */
const stackModule = encodeModule([
  encodeSection(section.type, vector([functionType([i32, i32], [])])),
  encodeSection(section.import, vector([[...name('host'), ...name('post'), 0, ...unsigned(0)]])),
  encodeSection(section.function, vector([unsigned(0)])),
  encodeSection(section.memory, vector([[0, ...unsigned(16)]])),
  encodeSection(
    section.export,
    vector([
      [...name('memory'), 2, ...unsigned(0)],
      [...name('take'), 0, ...unsigned(1)],
    ]),
  ),
  // local.get 0, local.get 1, call 0
  encodeSection(section.code, vector([functionBody([], [0x20, 0, 0x20, 1, 0x10, 0])])),
]);

async function measure({ size, end }: CopyRequest): Promise<CopyTimes> {
  const page = new Uint8Array(size);
  let last = page;
  const deliver = (bytes: Uint8Array<ArrayBuffer>): void => {
    if (end === 'kept') page.set(bytes);
    else last = bytes.slice();
  };
  const guest = new WebAssembly.Memory({ initial: 16 });
  const from = new Uint8Array(guest.buffer, 4096, size);
  const straight = nanosecondsPer(() => {
    deliver(from);
  });

  let to = page;
  const { instance } = await WebAssembly.instantiate(stackModule, {
    host: {
      post: () => {
        deliver(to);
      },
    },
  });
  const { memory, take } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof take !== 'function')
    throw new Error('shape');
  to = new Uint8Array(memory.buffer, 4096, size);
  // cast: stackModule above exports a function of this type.
  const takeBytes = take as (pointer: number, length: number) => void;
  const through = nanosecondsPer(() => {
    to.set(from);
    takeBytes(4096, size);
  });
  if (last.length !== size) throw new Error('nothing was copied');
  return { straight, through };
}

self.onmessage = (event: MessageEvent<CopyRequest>) => {
  void measure(event.data).then(
    (times) => {
      postMessage(times);
    },
    (error: unknown) => {
      postMessage(String(error));
    },
  );
};
