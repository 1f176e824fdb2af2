/** The worker that runs the guest, once for each message, and answers with what it printed. */
import type { Readiness } from '../../shim/src/abi/readiness.ts';
import { MemoryStore, openDisk } from '../../shim/src/disk/index.ts';
import { createCli } from '../../shim/src/wasi/cli.ts';
import type { OutputSink } from '../../shim/src/wasi/cli.ts';
import { createClocks } from '../../shim/src/wasi/clocks.ts';
import { createFilesystem } from '../../shim/src/wasi/filesystem.ts';
import { createIo } from '../../shim/src/wasi/io.ts';
import { loadProgram } from '../../shim/src/wasi/program.ts';
import { createRandom } from '../../shim/src/wasi/random.ts';
import { runCommand } from '../../shim/src/wasi/world.ts';
import { nanosecondsPer } from '../support/time.ts';
import { bareOperation } from './bare.ts';
import { ExitedError, jcoImports } from './jco-host.ts';
import type { Binding, Operation } from './operations.ts';

/** What the page asks for. */
export interface Request {
  readonly binding: Binding;
  readonly operation: Operation;
}

const always: Readiness = {
  ready: () => true,
  watch: () => () => undefined,
};

self.onmessage = (event: MessageEvent<Request>): void => {
  void measure(event.data).then(
    (nanoseconds) => self.postMessage(nanoseconds),
    (error: unknown) =>
      self.postMessage(error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : error),
  );
};

async function measure({ binding, operation }: Request): Promise<number> {
  if (binding === 'bare') {
    const bare = bareOperation(operation);
    return bare === undefined ? 0 : nanosecondsPer(bare);
  }
  const decoder = new TextDecoder();
  let printed = '';
  const stdout: OutputSink = {
    ...always,
    room: () => 65536,
    write: (bytes) => (printed += decoder.decode(bytes.slice())),
  };
  const discard: OutputSink = { ...always, room: () => 65536, write: () => undefined };
  const disk = await openDisk(new MemoryStore());
  const world = {
    ...createIo(),
    ...createCli({
      args: ['calls', operation],
      env: [],
      cwd: '/',
      stdin: { ...always, take: () => undefined },
      stdout,
      stderr: discard,
      terminals: { stdin: false, stdout: false, stderr: false },
    }),
    ...createClocks(),
    ...createRandom(),
    ...createFilesystem({ mounts: [{ path: '/', disk }] }),
  };
  if (binding === 'backtab') {
    const program = await loadProgram(await fetchBytes('calls.wasm'));
    const outcome = await runCommand(program, world);
    if (outcome.kind !== 'exit' || outcome.status !== 0) throw new Error(JSON.stringify(outcome));
  } else {
    await runByJco(world);
  }
  await disk.close();
  const nanoseconds = Number(printed);
  if (!(nanoseconds > 0)) throw new Error(`the guest printed ${printed}`);
  return nanoseconds;
}

async function runByJco(world: Parameters<typeof jcoImports>[0]): Promise<void> {
  // The module that jco wrote at the start of the benchmark, under its own name.
  const address = new URL('jco/calls.js', self.location.href).href;
  const glue = (await import(address)) as {
    instantiate(
      getCoreModule: (name: string) => Promise<WebAssembly.Module>,
      imports: Record<string, unknown>,
    ): Promise<{ run: { run(): Promise<void> } }>;
  };
  const { run } = await glue.instantiate(
    async (name) => await WebAssembly.compile(await fetchBytes(`jco/${name}`)),
    jcoImports(world),
  );
  try {
    await run.run();
  } catch (error) {
    if (!(error instanceof ExitedError)) throw error;
  }
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}
