/**
 * The frames of wasm functions in an error's stack, innermost first, one per line and the same in
 * every engine: `    at NAME (wasm-function[INDEX]:0xOFFSET)`. The offset is that in the core
 * module, which is what symbolizers take.
 *
 * Frames of JavaScript are left out: they are the same for every program and tell its author
 * nothing.
 *
 * @param stack - an error's `stack` as V8, SpiderMonkey or JavaScriptCore write it.
 * @returns an empty string when there is no such frame.
 */
export function wasmStack(stack: string): string {
  return stack
    .split('\n')
    .flatMap((line) => {
      const place = /wasm-function\[(\d+)\](?::(0x[0-9a-f]+))?/.exec(line);
      if (place === null) return [];
      const [, index = '', offset] = place;
      const where = `wasm-function[${index}]${offset === undefined ? '' : `:${offset}`}`;
      const name = functionName(line);
      return [name === '' ? `    at ${where}` : `    at ${name} (${where})`];
    })
    .join('\n');
}

function functionName(line: string): string {
  // V8: `    at NAME (wasm://…)`, where the name may hold parentheses, or `    at wasm://…`.
  const v8 = /^\s+at (?:async )?(.*) \(wasm:\/\//.exec(line);
  if (v8 !== null) return v8[1] ?? '';
  if (/^\s+at /.test(line)) return '';
  // SpiderMonkey: `NAME@URL line N > WebAssembly.compile:wasm-function[…`.
  const spiderMonkey = /^(?:async\*)?(.*?)@[^@]*:wasm-function\[/.exec(line);
  return spiderMonkey?.[1] ?? '';
}
