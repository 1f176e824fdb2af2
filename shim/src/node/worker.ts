/**
 * The entry of a node's worker: makes the parts from the start message, runs the program, reports
 * the end. The page ends the worker.
 */
import { IndexedDbStore, MemoryStore, openDisk, type Disk } from '../disk/index.ts';
import { broadcastChannelCarrier } from '../net/carrier/broadcastchannel.ts';
import { Stack } from '../net/stack.ts';
import { loadProgram, type Program } from '../wasi/program.ts';
import { Mounts } from './mounts.ts';
import { STREAM_WINDOW } from './page-streams.ts';
import type { DiskChoice, FromWorker, ProgramSource, StartMessage, ToWorker } from './protocol.ts';
import { RemoteLocks } from './remote-locks.ts';
import { runNode } from './run-node.ts';
import { PostedOutput, ReceivedInput } from './worker-streams.ts';

const post = (message: FromWorker, transfer: Transferable[] = []): void => {
  // The library's types are those of a window, whose postMessage takes this second form too.
  postMessage(message, { transfer });
};

/** A node under way in this worker. */
class WorkerNode {
  readonly #locks = new RemoteLocks(post, navigator.locks);
  readonly #stdin: ReceivedInput;
  readonly #outputs: { readonly stdout: PostedOutput; readonly stderr: PostedOutput };
  #mounts: Mounts | undefined;

  constructor(start: StartMessage) {
    const output = (stream: 'stdout' | 'stderr'): PostedOutput =>
      new PostedOutput((bytes) => {
        post({ type: 'output', stream, bytes }, [bytes.buffer]);
      }, start.outputWindow);
    this.#outputs = { stdout: output('stdout'), stderr: output('stderr') };
    this.#stdin = new ReceivedInput((bytes) => {
      post({ type: 'stdin-credit', bytes });
    }, STREAM_WINDOW);
    void this.#run(start);
  }

  receive(message: Exclude<ToWorker, StartMessage>): void {
    switch (message.type) {
      case 'stdin':
        this.#stdin.push(message.bytes);
        break;
      case 'stdin-end':
        this.#stdin.end();
        break;
      case 'credit':
        this.#outputs[message.stream].grant(message.bytes);
        break;
      case 'output-closed':
        this.#outputs[message.stream].close();
        break;
      case 'lock-result':
        this.#locks.settle(message.id, message.held);
        break;
      case 'flush':
        // Best effort by design: the worker is being ended, nobody is there to be told of a failure.
        for (const { disk } of this.#mounts?.all ?? []) disk.flush().catch(() => undefined);
        break;
    }
  }

  async #run(start: StartMessage): Promise<void> {
    const mounts = openMounts(start);
    mounts.then(
      (opened) => (this.#mounts = opened),
      () => undefined,
    );
    const { outcome, outputs } = await runNode({
      program: fetchProgram(start.program),
      mounts,
      stack: Stack.create({
        network: start.network,
        name: start.name,
        ip: start.ip,
        carrier: broadcastChannelCarrier,
        locks: this.#locks,
      }),
      cli: {
        args: start.args,
        env: start.env,
        cwd: '/',
        stdin: this.#stdin,
        ...this.#outputs,
        terminals: start.terminals,
      },
      trace:
        start.trace === undefined
          ? undefined
          : { packages: start.trace, write: (line) => post({ type: 'trace', line }) },
      files: Object.fromEntries(start.files),
      outputs: start.outputs,
      onstarted: (name, ip) => {
        post({ type: 'started', name, ip });
      },
    });
    post({ type: 'ended', outcome, outputs });
  }
}

/** Opens all disks of a node, or none. */
async function openMounts({ disk, mounts }: StartMessage): Promise<Mounts> {
  const choices = [{ path: '/', disk, readOnly: false }, ...mounts];
  const opening = await Promise.allSettled(choices.map((choice) => openNodeDisk(choice.disk)));
  const opened: { path: string; disk: Disk; readOnly: boolean }[] = [];
  let failure: PromiseRejectedResult | undefined;
  for (const [index, { path, readOnly }] of choices.entries()) {
    const result = opening[index];
    if (result?.status === 'fulfilled') opened.push({ path, disk: result.value, readOnly });
    else failure ??= result;
  }
  if (failure === undefined) return new Mounts(opened);
  await Promise.allSettled(opened.map((mount) => mount.disk.close()));
  throw failure.reason;
}

function openNodeDisk(choice: DiskChoice): Promise<Disk> {
  if (choice.kind === 'memory') return openDisk(new MemoryStore());
  return openDisk(new IndexedDbStore({ name: choice.name }), { durability: choice.durability });
}

async function fetchProgram(source: ProgramSource): Promise<Program> {
  switch (source.kind) {
    case 'bytes':
      // cast: bytes that were posted between threads lie in a buffer of their own, not a shared one.
      return loadProgram(source.bytes as Uint8Array<ArrayBuffer>);
    case 'adapted':
      return loadProgram(source.program);
    case 'url': {
      const response = await fetch(source.url);
      if (!response.ok) {
        throw new Error(`the program ${source.url} cannot be fetched: HTTP ${response.status}`);
      }
      return loadProgram(new Uint8Array(await response.arrayBuffer()));
    }
  }
}

// V8 keeps ten frames unless told; the interesting ones of a C++ program lie deeper than that.
Error.stackTraceLimit = 50;

let node: WorkerNode | undefined;
// `self` is typed as a window; both have message events.
self.addEventListener('message', (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === 'start') node = new WorkerNode(message);
  else node?.receive(message);
});
