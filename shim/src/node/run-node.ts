import { DiskError } from '../disk/index.ts';
import { formatAddress } from '../net/address.ts';
import { NetError } from '../net/errors.ts';
import type { Stack } from '../net/stack.ts';
import type { CliOptions } from '../wasi/cli.ts';
import { createCli } from '../wasi/cli.ts';
import { createClocks } from '../wasi/clocks.ts';
import { createFilesystem } from '../wasi/filesystem.ts';
import type { Program } from '../wasi/program.ts';
import { createRandom } from '../wasi/random.ts';
import { createSockets } from '../wasi/sockets.ts';
import type { Trace } from '../wasi/trace.ts';
import type { Outcome } from '../wasi/world.ts';
import { runCommand } from '../wasi/world.ts';
import type { Mounts } from './mounts.ts';
import type { WorkerOutcome } from './protocol.ts';

/** The parts that one node is made of, each under way; whoever calls has started them together. */
export interface NodeParts {
  readonly program: Promise<Program>;
  readonly mounts: Promise<Mounts>;
  readonly stack: Promise<Stack>;
  /** Arguments, environment and standard streams. */
  readonly cli: CliOptions;
  /** Written before the program starts: absolute guest path → contents. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Read back when the program has ended: absolute guest paths of files and directories. */
  readonly outputs: readonly string[];
  /** Shows each call of the program. */
  readonly trace: Trace | undefined;
  /** Called right before the program's main(). */
  onstarted(name: string, ip: string): void;
}

/** How a node ended and what was read back. */
export interface NodeResult {
  readonly outcome: WorkerOutcome;
  readonly outputs: readonly (readonly [string, Uint8Array])[];
}

/**
 * Runs a program with its disks and a network stack to its end, then writes the disks back, gives the
 * peers their end-of-file and releases everything. Never rejects: whatever goes wrong is an outcome
 * with one sentence.
 *
 * It knows nothing of workers and pages, so it runs in Node too.
 */
export async function runNode(parts: NodeParts): Promise<NodeResult> {
  let outcome: WorkerOutcome;
  let outputs: (readonly [string, Uint8Array])[] = [];
  try {
    const [program, mounts, stack] = await Promise.all([parts.program, parts.mounts, parts.stack]);
    for (const { disk } of mounts.all) {
      // Said before the program says anything; it may not even notice that it cannot write.
      if (disk.damage !== undefined) parts.cli.stderr.write(line(`backtab: ${disk.damage}`));
    }
    await mounts.makeMountPoints();
    await mounts.write(parts.files);
    const address = stack.address('ipv4');
    parts.onstarted(stack.name ?? '', address === undefined ? '' : formatAddress(address));
    const world = {
      ...createCli(parts.cli),
      ...createClocks(),
      ...createRandom(),
      ...createFilesystem({ mounts: mounts.all }),
      ...createSockets(stack),
    };
    const ended = await runCommand(program, world, parts.trace);
    outcome = describe(ended);
    outputs = await mounts.read(parts.outputs);
  } catch (error) {
    outcome = failure(error);
  }
  // Written back first, so that a peer which sees the end of file can rely on what it was told.
  const [mounts] = await Promise.allSettled([parts.mounts]);
  if (mounts.status === 'fulfilled') {
    try {
      await mounts.value.close();
    } catch (error) {
      if (outcome.reason !== 'error') outcome = failure(error);
    }
  }
  const [stack] = await Promise.allSettled([parts.stack]);
  if (stack.status === 'fulfilled') await stack.value.close('exit');
  return { outcome, outputs };
}

function describe(outcome: Outcome): WorkerOutcome {
  if (outcome.kind === 'exit') return { reason: 'exit', status: outcome.status };
  return { reason: 'trap', message: `${outcome.message}\n${outcome.stack}` };
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}

function failure(error: unknown): WorkerOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DiskError || error instanceof NetError) {
    return { reason: 'error', message, code: error.code };
  }
  return { reason: 'error', message };
}
