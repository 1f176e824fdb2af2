import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../errors.ts';

/** The command line of a process as one string, or undefined when there is no such process. */
export function commandOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // Empty for a zombie: it has ended, only its parent has not noticed yet.
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command === '' ? undefined : command;
    } catch {
      return undefined;
    }
  }
  try {
    const output = execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.trim() === '' ? undefined : output.trim();
  } catch {
    return undefined;
  }
}

/**
 * Kills the process `pid` if its command line still contains `mark` (ids are used again), and waits
 * until it is gone.
 *
 * @returns whether it is gone; false only when it survives SIGKILL for 10 s
 */
export async function killMarked(pid: number, mark: string): Promise<boolean> {
  const lives = () => commandOf(pid)?.includes(mark) === true;
  if (!lives()) return true;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (!lives()) return true;
    await delay(20);
  }
  return false;
}
