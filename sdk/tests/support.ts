/** What the SDK's tests share: running tools, building programs, and running those in this Node. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MemoryStore, openDisk } from '../../shim/src/disk/index.ts';
import { createFilesystem } from '../../shim/src/wasi/filesystem.ts';
import { createSockets } from '../../shim/src/wasi/sockets.ts';
import { runGuest } from '../../shim/src/wasi/testing.ts';
import type { GuestOptions, GuestResult } from '../../shim/src/wasi/testing.ts';

/** The root of the checkout. */
export const root = join(import.meta.dirname, '../..');

/** The test programs, in C and C++. */
export const programs = join(import.meta.dirname, 'programs');

/** The compiler drivers that set-up made. */
export const drivers = {
  cc: join(root, '.toolchain/bin/backtab-cc'),
  cxx: join(root, '.toolchain/bin/backtab-c++'),
} as const;

/** How a tool ended and what it printed. */
export interface ToolResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool to its end; environment variables given as `undefined` are removed. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string | undefined>; stdin?: string } = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    // A tool may end without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}

/** Runs a tool that has to succeed. */
export async function runOk(...parameters: Parameters<typeof run>): Promise<ToolResult> {
  const result = await run(...parameters);
  if (result.status !== 0) {
    const [command, args] = parameters;
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status}:\n${result.stdout}${result.stderr}`,
    );
  }
  return result;
}

/** A directory that is removed after the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'backtab-sdk-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The driver for a source file, by its extension. */
export function driverFor(source: string): string {
  return source.endsWith('.cc') ? drivers.cxx : drivers.cc;
}

/** Compiles one of the test programs and returns the component's path. */
export async function build(
  t: TestContext,
  source: string,
  flags: readonly string[] = [],
): Promise<string> {
  const output = join(temporaryDirectory(t), source.replace(/\.\w+$/, '.wasm'));
  const args = ['-O1', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', ...flags];
  await runOk(driverFor(source), [...args, join(programs, source), '-o', output]);
  return output;
}

/** Runs a program with a fresh disk and a network of its own. */
export async function runProgram(path: string, options: GuestOptions = {}): Promise<GuestResult> {
  const disk = await openDisk(new MemoryStore());
  try {
    return await runGuest(new Uint8Array(readFileSync(path)), {
      filesystem: createFilesystem({ mounts: [{ path: '/', disk }] }),
      sockets: createSockets(),
      ...options,
    });
  } finally {
    await disk.close();
  }
}
