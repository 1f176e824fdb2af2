/**
 * The same host objects as backtab's own lowers call, in the form that jco's default bindings
 * call: classes whose methods take and return what jco lifts and lowers.
 */
import type { ByteSink } from '../../shim/src/abi/byte-sink.ts';
import { WitError } from '../../shim/src/abi/errors.ts';
import type { Descriptor } from '../../shim/src/generated/filesystem.ts';
import type { InputStream, OutputStream, Pollable } from '../../shim/src/generated/io.ts';
import type { World } from '../../shim/src/generated/world.ts';
import type { WorldParts } from '../../shim/src/wasi/world.ts';

class PayloadError extends Error {
  readonly payload: unknown;
  constructor(payload: unknown) {
    super('a WASI error');
    this.payload = payload;
  }
}

/** How jco wants an error of a result: a thrown object with the payload. */
function withPayload<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof WitError)) throw error;
    throw new PayloadError(error.payload);
  }
}

/** The operations measured return at once. */
function now<T>(value: T | Promise<T>): T {
  if (value instanceof Promise) throw new Error('the host would have waited');
  return value;
}

class JcoPollable {
  readonly inner: Pollable;
  constructor(inner: Pollable) {
    this.inner = inner;
  }
  ready(): boolean {
    return this.inner.ready();
  }
  async block(): Promise<void> {
    await this.inner.block();
  }
}

/** Stands for a resource that the guest imports and never gets. */
function neverMade(): CallableFunction {
  return function resource() {
    throw new Error('the benchmark has no such resource');
  };
}

class JcoInputStream {
  readonly inner: InputStream;
  constructor(inner: InputStream) {
    this.inner = inner;
  }
}

class JcoOutputStream {
  readonly inner: OutputStream;
  constructor(inner: OutputStream) {
    this.inner = inner;
  }
  checkWrite(): bigint {
    return withPayload(() => BigInt(this.inner.checkWrite()));
  }
  write(contents: Uint8Array): void {
    withPayload(() => now(this.inner.write(contents)));
  }
  blockingFlush(): void {
    withPayload(() => now(this.inner.blockingFlush()));
  }
  subscribe(): JcoPollable {
    return new JcoPollable(this.inner.subscribe());
  }
}

class JcoDescriptor {
  readonly inner: Descriptor;
  constructor(inner: Descriptor) {
    this.inner = inner;
  }
  getFlags(): Record<string, boolean> {
    return { read: true };
  }
  getType(): string {
    return withPayload(() => this.inner.getType());
  }
  openAt(_pathFlags: unknown, path: string): JcoDescriptor {
    // The guest's only call creates a file to read and write.
    return withPayload(() => new JcoDescriptor(now(this.inner.openAt(0, path, 1, 3))));
  }
  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    let bytes = new Uint8Array(0);
    const sink: ByteSink = { allocate: (size) => (bytes = new Uint8Array(size)) };
    const atEnd = withPayload(() => now(this.inner.read(Number(length), Number(offset), sink)));
    return [bytes, atEnd];
  }
  write(buffer: Uint8Array, offset: bigint): bigint {
    return withPayload(() => BigInt(now(this.inner.write(buffer, Number(offset)))));
  }
}

/** Makes the imports that jco's glue takes, over the objects that backtab's lowers take. */
export function jcoImports(parts: WorldParts): Record<string, unknown> {
  // The benchmark passes every interface that its guest uses.
  const world = parts as World;
  const environment = world['wasi:cli/environment'];
  const clock = world['wasi:clocks/monotonic-clock'];
  return {
    'wasi:cli/environment': {
      getEnvironment: () => environment.getEnvironment(),
      getArguments: () => environment.getArguments(),
    },
    'wasi:cli/exit': {
      exit: () => undefined,
      exitWithCode(status: number) {
        if (status !== 0) throw new Error(`the guest ended with ${status}`);
        throw new ExitedError();
      },
    },
    'wasi:cli/stdin': {
      getStdin: () => new JcoInputStream(world['wasi:cli/stdin'].getStdin()),
    },
    'wasi:cli/stdout': {
      getStdout: () => new JcoOutputStream(world['wasi:cli/stdout'].getStdout()),
    },
    'wasi:cli/stderr': {
      getStderr: () => new JcoOutputStream(world['wasi:cli/stderr'].getStderr()),
    },
    'wasi:cli/terminal-input': { TerminalInput: neverMade() },
    'wasi:cli/terminal-output': { TerminalOutput: neverMade() },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
    'wasi:clocks/monotonic-clock': {
      now: () => BigInt(clock.now()),
      subscribeDuration: (when: bigint) => new JcoPollable(clock.subscribeDuration(Number(when))),
    },
    'wasi:clocks/wall-clock': { now: () => world['wasi:clocks/wall-clock'].now() },
    'wasi:io/error': { Error: neverMade() },
    'wasi:io/poll': {
      Pollable: JcoPollable,
      poll: async (pollables: JcoPollable[]) =>
        Uint32Array.from(
          await world['wasi:io/poll'].poll(pollables.map((pollable) => pollable.inner)),
        ),
    },
    'wasi:io/streams': { InputStream: JcoInputStream, OutputStream: JcoOutputStream },
    'wasi:filesystem/types': {
      Descriptor: JcoDescriptor,
      DirectoryEntryStream: neverMade(),
    },
    'wasi:filesystem/preopens': {
      getDirectories: () =>
        world['wasi:filesystem/preopens']
          .getDirectories()
          .map(([descriptor, path]) => [new JcoDescriptor(descriptor), path]),
    },
  };
}

/** How the guest ends under jco: by an exception. */
export class ExitedError extends Error {}
