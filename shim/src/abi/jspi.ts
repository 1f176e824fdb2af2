/**
 * JavaScript Promise Integration: the types that TypeScript's library lacks, and the check that
 * the browser has it.
 */
declare global {
  // The global object that gains the members is declared as a namespace.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace WebAssembly {
    /** An import that suspends the calling wasm stack until the promise it returns settles. */
    const Suspending: new (fn: (...args: never[]) => Promise<unknown>) => object;

    /** An export as an async function: the imports it reaches may suspend. */
    function promising(fn: (...args: never[]) => unknown): (...args: unknown[]) => Promise<unknown>;
  }
}

/** Whether this browser can run programs at all. */
export function hasJspi(): boolean {
  return typeof WebAssembly === 'object' && 'Suspending' in WebAssembly;
}

/** What to tell a person whose browser cannot run programs. */
export const jspiMissing =
  'this browser has no WebAssembly JavaScript Promise Integration (JSPI), which backtab needs: ' +
  'use Chrome or Edge 137, Firefox 153, Safari 27, or newer';
