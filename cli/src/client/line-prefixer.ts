/** A line longer than this many bytes is broken, so that a node without newlines fills no memory. */
const longestLine = 64 * 1024;

const newline = 10;

/**
 * Puts a prefix before each line of a byte stream and emits whole lines only, so that the lines of
 * several streams can share one output. A last line without a newline gets one.
 */
export class LinePrefixer extends TransformStream<Uint8Array, Uint8Array> {
  constructor(prefix: string) {
    const start = Buffer.from(prefix);
    let partial = Buffer.alloc(0);
    super({
      transform: (chunk, controller) => {
        const bytes = Buffer.concat([partial, chunk]);
        const lines: Buffer[] = [];
        let from = 0;
        for (;;) {
          const end = bytes.indexOf(newline, from);
          if (end >= 0) {
            lines.push(start, bytes.subarray(from, end + 1));
            from = end + 1;
          } else if (bytes.length - from > longestLine) {
            lines.push(start, bytes.subarray(from, from + longestLine), Buffer.of(newline));
            from += longestLine;
          } else {
            break;
          }
        }
        partial = bytes.subarray(from);
        if (lines.length > 0) controller.enqueue(Buffer.concat(lines));
      },
      flush: (controller) => {
        if (partial.length === 0) return;
        controller.enqueue(Buffer.concat([start, partial, Buffer.of(newline)]));
      },
    });
  }
}
