/** wasi:cli: arguments, environment, standard streams and terminals. */
import type { ByteSink } from '../abi/byte-sink.ts';
import type { Readiness } from '../abi/readiness.ts';
import type { CliInterfaces } from '../generated/cli.ts';
import { streamClosed } from './io.ts';
import { ByteInputStream, ByteOutputStream } from './io-streams.ts';

/**
 * Where standard input comes from. `ready()` is true when there are bytes or the end was reached.
 */
export interface InputSource extends Readiness {
  /**
   * Takes bytes that have arrived.
   *
   * @param limit - the most to take; with 0 nothing is taken, but the end is reported.
   * @returns at least one byte if there is one and `limit` is above 0, an empty array when there
   *   is none yet, `undefined` at the end. The array is read before anything else happens.
   */
  take(limit: number): Uint8Array | undefined;
}

/** Where standard output goes. `ready()` is true when there is room or nobody reads any more. */
export interface OutputSink extends Readiness {
  /** How many bytes {@link OutputSink.write} takes now; `undefined` when nobody reads any more. */
  room(): number | undefined;

  /**
   * Passes bytes on at once.
   *
   * @param bytes - at most {@link OutputSink.room}; the array is the guest's memory: copy it.
   */
  write(bytes: Uint8Array): void;
}

/** What a program finds when it starts. */
export interface CliOptions {
  /** The arguments, with `argv[0]`. */
  readonly args: readonly string[];
  /** The environment variables, in order. */
  readonly env: readonly (readonly [string, string])[];
  /** The working directory; programs cannot change where they start. */
  readonly cwd: string;
  readonly stdin: InputSource;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  /** Which of the streams are attached to a terminal. */
  readonly terminals: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
  };
}

/** Makes all interfaces of wasi:cli but `exit`, which belongs to the run of a program. */
export function createCli(options: CliOptions): Omit<CliInterfaces, 'wasi:cli/exit'> {
  const { stdin, stdout, stderr, terminals } = options;
  return {
    'wasi:cli/environment': {
      getEnvironment: () => options.env,
      getArguments: () => options.args,
      initialCwd: () => options.cwd,
    },
    'wasi:cli/stdin': { getStdin: () => new StandardInput(stdin) },
    'wasi:cli/stdout': { getStdout: () => new StandardOutput(stdout) },
    'wasi:cli/stderr': { getStderr: () => new StandardOutput(stderr) },
    'wasi:cli/terminal-stdin': {
      getTerminalStdin: () => (terminals.stdin ? {} : undefined),
    },
    'wasi:cli/terminal-stdout': {
      getTerminalStdout: () => (terminals.stdout ? {} : undefined),
    },
    'wasi:cli/terminal-stderr': {
      getTerminalStderr: () => (terminals.stderr ? {} : undefined),
    },
  };
}

class StandardInput extends ByteInputStream {
  protected override readonly readiness: InputSource;

  constructor(source: InputSource) {
    super();
    this.readiness = source;
  }

  override read(len: number, sink: ByteSink): void {
    const bytes = this.readiness.take(len);
    if (bytes === undefined) throw streamClosed;
    if (bytes.length > 0) sink.allocate(bytes.length).set(bytes);
  }
}

class StandardOutput extends ByteOutputStream {
  protected override readonly readiness: OutputSink;

  constructor(sink: OutputSink) {
    super();
    this.readiness = sink;
  }

  protected override capacity(): number {
    const room = this.readiness.room();
    if (room === undefined) throw streamClosed;
    return room;
  }

  protected override accept(contents: Uint8Array): void {
    if (contents.length > 0) this.readiness.write(contents);
  }
}
