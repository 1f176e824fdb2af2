import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What Linux tells of a process: its parent, and whether it still runs (a zombie does not). */
function status(pid: number): { parent: number; runs: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may hold anything.
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), runs: state !== 'Z' && state !== 'X' };
  } catch {
    return undefined;
  }
}

/** The process and all its descendants, parents first. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const parent = Number.isInteger(pid) ? status(pid)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  // The list grows while it is walked.
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/**
 * Ends a process and all its descendants by SIGKILL, and waits until none of them runs. Linux only.
 *
 * @returns how many processes that were
 * @throws Error when one still runs 10 s later
 */
export async function killTree(root: number): Promise<number> {
  const tree = processTree(root);
  for (const pid of tree) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It had ended already.
    }
  }
  const deadline = Date.now() + 10_000;
  for (const pid of tree) {
    while (status(pid)?.runs === true) {
      if (Date.now() > deadline) throw new Error(`process ${pid} survives SIGKILL`);
      await delay(10);
    }
  }
  return tree.length;
}
