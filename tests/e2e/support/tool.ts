import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { BrowserName } from '../../../cli/src/browsers.ts';

/** The checkout's root; the test runner is started there. */
export const root = resolve(import.meta.dirname, '../../..');

/** A program of tests/programs, as a WASI 0.2 component. */
export const wasmProgram = (name: string): string =>
  join(root, 'build/wasm/tests/programs', `${name}.wasm`);

/** The same program, native: the oracle. */
export const nativeProgram = (name: string): string =>
  join(root, 'build/native/tests/programs', name);

/** Where the ready-made programs lie, or undefined when they are absent. */
export const fixtures = process.env['BACKTAB_FIXTURES'] ?? resolve(root, '../shared/fixtures');

/** What a finished process left. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

/** A process under way, whose output can be waited for. */
export class Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the process has ended and its output is complete. */
  readonly finished: Promise<Finished>;
  readonly #stdout: Buffer[] = [];
  #stderr = '';
  #changed = Promise.withResolvers<undefined>();
  #ended = false;

  constructor(command: string, args: readonly string[], input: string | Buffer | undefined) {
    this.child = spawn(command, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
    // A program that ends without reading its input closes the pipe: no failure of the test.
    this.child.stdin.on('error', () => undefined);
    if (input !== undefined) this.child.stdin.end(input);
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout.push(chunk);
      this.#notify();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
      this.#notify();
    });
    // Rejects when the command cannot be started at all.
    this.finished = once(this.child, 'close').then(() => {
      this.#ended = true;
      this.#notify();
      return {
        status: this.child.exitCode,
        stdout: this.stdout,
        stderr: this.#stderr,
        stdoutBytes: Buffer.concat(this.#stdout),
      };
    });
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString();
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves once standard output matches; rejects when the process ends without that. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (this.#ended) {
        throw new Error(
          `ended with ${this.child.exitCode ?? 'a signal'} without printing ${String(pattern)}\n` +
            `stdout: ${this.stdout}\nstderr: ${this.#stderr}`,
        );
      }
      await this.#changed.promise;
    }
  }

  #notify(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }
}

/** A browser profile of one test suite and the command-line tool that runs programs in it. */
export class Tool {
  readonly browser: BrowserName;
  readonly profile: string;
  readonly #started: Running[] = [];

  constructor(browser: BrowserName) {
    this.browser = browser;
    this.profile = mkdtempSync(join(tmpdir(), 'backtab-e2e-'));
  }

  /** Starts `backtab run` on the profile; options come before the program. */
  start(args: readonly string[], input?: string | Buffer): Running {
    return this.#track(
      new Running(
        join(root, 'backtab'),
        ['run', '--browser', this.browser, '--profile', this.profile, ...args],
        input,
      ),
    );
  }

  /** Runs `backtab run` to its end. */
  run(args: readonly string[], input: string | Buffer = ''): Promise<Finished> {
    return this.start(args, input).finished;
  }

  /** Starts another command of the tool, with nothing added. */
  command(args: readonly string[]): Running {
    return this.#track(new Running(join(root, 'backtab'), args, ''));
  }

  /** Ends what a failed test has left running, and with it the browser; removes the profile. */
  async dispose(): Promise<void> {
    for (const { child } of this.#started) child.kill('SIGINT');
    await Promise.all(this.#started.map(({ finished }) => finished));
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #track(running: Running): Running {
    this.#started.push(running);
    return running;
  }
}
