/** The frames of a stack that lie in the program, innermost first, the same for every engine. */
export function wasmFrames(stack: string): string {
  // V8: `at NAME (wasm://…:wasm-function[28]:0xb74)`; SpiderMonkey: `NAME@…:wasm-function[28]:0xb74`.
  const frame =
    /^\s*(?:at )?(.*?)(?: \(|@)?[^\s@(]*(?: line \d+ > [^:]+)?:(wasm-function\[\d+\]:0x[\da-f]+)\)?$/;
  return stack
    .split('\n')
    .flatMap((line) => {
      const [, name, place] = frame.exec(line) ?? [];
      return place === undefined ? [] : [`    at ${name === '' ? '(unnamed)' : name} (${place})`];
    })
    .join('\n');
}
