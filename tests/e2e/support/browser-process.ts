import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The process id of the browser that runs on a profile. */
export function browserProcess(profile: string): number {
  const state: unknown = JSON.parse(readFileSync(join(profile, 'backtab.json'), 'utf8'));
  if (
    typeof state !== 'object' ||
    state === null ||
    !('browserPid' in state) ||
    typeof state.browserPid !== 'number'
  ) {
    throw new Error(`no browser runs on ${profile}`);
  }
  return state.browserPid;
}

/** The processes below `pid`, itself included. */
function processTree(pid: number): number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return [];
  }
  return [
    pid,
    ...children
      .trim()
      .split(' ')
      .filter(Boolean)
      .flatMap((c) => processTree(Number(c))),
  ];
}

/** Ends a browser and every process of its own as SIGKILL does; resolves when all have ended. */
export async function endProcess(pid: number): Promise<void> {
  const all = processTree(pid);
  for (const each of all) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // Ended between being listed and being killed, with its parent.
    }
  }
  while (all.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function isRunning(pid: number): boolean {
  try {
    // A zombie has ended; only its parent has not looked yet.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
