import type { Readable, Writable } from 'node:stream';

/**
 * Copies a node's output to a stream of this process, taking more only when the last part was
 * written, so that a slow reader slows the program. When the reader has gone, the program's next
 * write fails.
 *
 * @returns a promise that resolves when there is no more output, and never rejects
 */
export async function copyOutput(
  source: ReadableStream<Uint8Array>,
  target: Writable,
): Promise<void> {
  try {
    for await (const chunk of source) {
      await new Promise<void>((resolve, reject) => {
        target.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    }
  } catch {
    // Either side has gone: leaving the loop has cancelled the source.
  }
}

/**
 * Feeds this process's input to a node until it ends or the node takes no more. Never rejects.
 */
export async function copyInput(
  source: Readable,
  target: WritableStream<Uint8Array>,
): Promise<void> {
  const writer = target.getWriter();
  // Also noticed while the source is silent: its next bytes are not this program's any more.
  writer.closed.catch(() => source.destroy());
  try {
    for await (const chunk of source) {
      // cast: stdin has no encoding set, so its chunks are Buffers.
      await writer.write(chunk as Buffer);
    }
    await writer.close();
  } catch {
    await writer.abort().catch(() => undefined);
  }
}
