import { WebLocks } from '../net/locks.ts';
import { checkNames, type SpawnOptions } from './options.ts';
import { InputWriter, OutputReader, STREAM_WINDOW } from './page-streams.ts';
import type { DiskChoice, FromWorker, ProgramSource, StartMessage, ToWorker } from './protocol.ts';

/** How a node ended. */
export interface ExitStatus {
  /** 0 to 255; as a shell would say: 134 for a trap, 137 for a kill, 125 for backtab's own errors. */
  readonly status: number;
  readonly reason: 'exit' | 'trap' | 'killed' | 'error';
  /** For a trap its reason and wasm stack; for an error one sentence; absent after a clean exit. */
  readonly message?: string;
  /**
   * For an error of the disk or the network its errno name, such as `EBUSY` (the disk is in use) or
   * `EADDRINUSE` (the node's name or address is taken).
   */
  readonly code?: string;
  /** The files that `outputs` asked for, by absolute guest path; directories end in `/`. */
  readonly outputs: Readonly<Record<string, Uint8Array>>;
}

/** A running program: one dedicated Worker with a name, an address, a disk and standard streams. */
export interface Node {
  /** The program's standard input; close it to give the program its end of file. */
  readonly stdin: WritableStream<Uint8Array>;
  /** What the program writes to standard output. A program whose output nobody reads is held up. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What the program writes to standard error. */
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when the program is about to enter `main()`; rejects when it never got there. */
  readonly started: Promise<{ readonly name: string; readonly ip: string }>;
  /**
   * Resolves, never rejects, when the node has ended: its address, name and ports are free, and its
   * disk too unless it was killed while its worker was busy (the browser then keeps the disk's lock
   * for up to two seconds, which whoever opens the disk next waits for).
   */
  readonly exited: Promise<ExitStatus>;
  /** Ends the program at once, as SIGKILL does: nothing is written back, peers see a reset. */
  kill(): void;
}

/**
 * Starts a WASI 0.2 program in a worker of this page.
 *
 * The page holds the node's network locks, so they are free the moment the node is killed, even
 * when its worker is too busy to notice. When the page is hidden for good (closed, reloaded,
 * navigated away) the node is told to write back and ended in the same moment: only fsync promises.
 *
 * @throws TypeError for a name or path of the wrong form; everything else is reported by `exited`
 */
export function spawn(options: SpawnOptions): Node {
  checkNames(options);
  return new PageNode(options);
}

const NO_JSPI =
  'this browser lacks WebAssembly JavaScript Promise Integration (JSPI): use Chrome or Edge 137, Firefox 153, Safari 27 or newer';

class PageNode implements Node {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly started: Promise<{ readonly name: string; readonly ip: string }>;
  readonly exited: Promise<ExitStatus>;

  readonly #locks = new WebLocks(navigator.locks);
  readonly #worker: Worker | undefined;
  readonly #input: InputWriter;
  readonly #outputs: { readonly stdout: OutputReader; readonly stderr: OutputReader };
  readonly #startedResolvers = Promise.withResolvers<{ name: string; ip: string }>();
  readonly #exitedResolvers = Promise.withResolvers<ExitStatus>();
  readonly #trace: SpawnOptions['trace'];
  #ended = false;

  constructor(options: SpawnOptions) {
    this.#trace = options.trace;
    this.started = this.#startedResolvers.promise;
    // Whoever waits only for `exited` must not be told of an unhandled rejection.
    this.started.catch(() => undefined);
    this.exited = this.#exitedResolvers.promise;
    this.#input = new InputWriter(
      (bytes) => this.#post({ type: 'stdin', bytes }, [bytes.buffer]),
      () => this.#post({ type: 'stdin-end' }),
    );
    this.#outputs = { stdout: this.#outputReader('stdout'), stderr: this.#outputReader('stderr') };
    this.stdin = this.#input.writable;
    this.stdout = this.#outputs.stdout.readable;
    this.stderr = this.#outputs.stderr.readable;

    if (!('Suspending' in WebAssembly)) {
      this.#end({ status: 125, reason: 'error', message: NO_JSPI, outputs: {} });
      return;
    }
    const workerUrl = options.workerUrl ?? new URL('./worker.js', import.meta.url);
    this.#worker = new Worker(workerUrl, { type: 'module', name: options.name ?? 'backtab node' });
    // cast: the worker is ours and posts nothing else (see protocol.ts).
    this.#worker.onmessage = (event) => this.#receive(event.data as FromWorker);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const detail = event.message === '' ? '' : `: ${event.message}`;
      this.#fail(`the node's worker at ${String(workerUrl)} failed${detail}`);
    };
    addEventListener('pagehide', this.#onPageHide);
    this.#post(startMessage(options));
  }

  kill(): void {
    this.#end({ status: 137, reason: 'killed', message: 'killed', outputs: {} });
  }

  readonly #onPageHide = (): void => {
    // A worker that is frozen in the middle of a transaction locks its disk for every other tab,
    // so it is always ended in this very handler; what it manages to write before is a bonus.
    this.#post({ type: 'flush' });
    this.#end({
      status: 137,
      reason: 'killed',
      message: 'the page was closed or navigated away',
      outputs: {},
    });
  };

  #outputReader(stream: 'stdout' | 'stderr'): OutputReader {
    return new OutputReader(
      (bytes) => this.#post({ type: 'credit', stream, bytes }),
      () => this.#post({ type: 'output-closed', stream }),
    );
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    if (!this.#ended) this.#worker?.postMessage(message, transfer);
  }

  #receive(message: FromWorker): void {
    // What a terminated worker still had under way is not the node's word any more.
    if (this.#ended) return;
    switch (message.type) {
      case 'started':
        this.#startedResolvers.resolve({ name: message.name, ip: message.ip });
        break;
      case 'stdin-credit':
        this.#input.grant(message.bytes);
        break;
      case 'stdin-closed':
        this.#input.close();
        break;
      case 'trace':
        this.#trace?.write(message.line);
        break;
      case 'output':
        this.#outputs[message.stream].push(message.bytes);
        break;
      case 'lock-acquire':
        void this.#locks.acquire(message.name, message.waitMs).then((held) => {
          this.#post({ type: 'lock-result', id: message.id, held });
        });
        break;
      case 'lock-release':
        this.#locks.release(message.name);
        break;
      case 'lock-release-all':
        this.#locks.releaseAll();
        break;
      case 'ended': {
        const { outcome } = message;
        const outputs = Object.fromEntries(message.outputs);
        if (outcome.reason === 'exit') {
          this.#end({ ...outcome, outputs });
        } else {
          this.#end({ ...outcome, status: outcome.reason === 'trap' ? 134 : 125, outputs });
        }
        break;
      }
    }
  }

  #fail(message: string): void {
    this.#end({ status: 125, reason: 'error', message, outputs: {} });
  }

  /** Ends the node once: worker, locks, streams, promises. */
  #end(status: ExitStatus): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#worker?.terminate();
    this.#locks.releaseAll();
    removeEventListener('pagehide', this.#onPageHide);
    this.#input.close();
    this.#outputs.stdout.end();
    this.#outputs.stderr.end();
    this.#startedResolvers.reject(new Error(status.message ?? 'the program ended'));
    this.#exitedResolvers.resolve(status);
  }
}

function startMessage(options: SpawnOptions): StartMessage {
  const network = options.network ?? 'default';
  const terminal = options.terminal ?? false;
  const on = (stream: 'stdin' | 'stdout' | 'stderr'): boolean =>
    typeof terminal === 'boolean' ? terminal : (terminal[stream] ?? false);
  const disk = (name: string | undefined): DiskChoice =>
    name === undefined
      ? { kind: 'memory' }
      : {
          kind: 'indexeddb',
          name: `${network}/${name}`,
          durability: options.durability ?? 'strict',
        };
  const { source, argv0 } = programSource(options.program);
  return {
    type: 'start',
    program: source,
    args: [options.argv0 ?? argv0, ...(options.args ?? [])],
    env: Object.entries(options.env ?? {}),
    disk: disk(options.disk),
    mounts: Object.entries(options.mounts ?? {}).map(([path, mount]) => ({
      path,
      disk: disk(mount === 'memory' ? undefined : mount.disk),
      readOnly: mount !== 'memory' && (mount.readOnly ?? false),
    })),
    network,
    name: options.name,
    ip: options.ip,
    files: Object.entries(options.files ?? {}),
    outputs: options.outputs ?? [],
    terminals: { stdin: on('stdin'), stdout: on('stdout'), stderr: on('stderr') },
    trace: options.trace === undefined ? undefined : (options.trace.packages ?? []),
    outputWindow: STREAM_WINDOW,
  };
}

function programSource(program: SpawnOptions['program']): {
  source: ProgramSource;
  argv0: string;
} {
  if (typeof program === 'string' || program instanceof URL) {
    const url = new URL(program, document.baseURI);
    const argv0 = url.pathname.split('/').at(-1);
    return {
      source: { kind: 'url', url: url.href },
      argv0: argv0 === undefined || argv0 === '' ? 'program' : argv0,
    };
  }
  if (program instanceof Uint8Array) {
    return { source: { kind: 'bytes', bytes: program }, argv0: 'program' };
  }
  return { source: { kind: 'adapted', program }, argv0: 'program' };
}
