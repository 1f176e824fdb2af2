import type { Operation } from './operations.ts';

/** What the clock said last. */
export let lastReading = 0;

/**
 * What an operation cannot do without, in plain JavaScript: the clock's own reading, the copy of the
 * bytes. Undefined for operations that are nothing but a call.
 */
export function bareOperation(operation: Operation): (() => void) | undefined {
  switch (operation) {
    case 'now':
      // Kept, so that no engine leaves the call out.
      return () => (lastReading = performance.now());
    case 'read-16':
    case 'write-16':
      return copy(16);
    case 'read-4096':
    case 'write-4096':
      return copy(4096);
    case 'ready':
    case 'poll':
    case 'check-write':
    case 'check-write+write':
    case 'subscribe+drop':
      return undefined;
  }
}

function copy(size: number): () => void {
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 4096, size);
  const page = new Uint8Array(16384);
  return () => page.set(memory, 8192);
}
