import { isatty } from 'node:tty';
import type { BrowserName } from '../browsers.ts';
import type { NodeExit, RemoteNode } from '../client/page-connection.ts';
import { Progress } from '../client/progress.ts';
import { PublishedPort } from '../client/publish.ts';
import { Session } from '../client/session.ts';
import { copyInput, copyOutput } from '../client/stdio.ts';
import { ToolError, toolStatus } from '../errors.ts';
import { readGuestFiles, writeOutputs } from '../guest-files.ts';
import type { MountOption, PathPair, Publication } from '../options.ts';
import { prepareProgram } from '../program.ts';
import { chooseProfile } from './choose-profile.ts';
import { catchSignals } from './interruption.ts';
import { report } from './report.ts';

/** The options of `backtab run`, checked. */
export interface RunOptions {
  disk?: string;
  mount: MountOption[];
  tmp: MountOption[];
  profile?: string;
  network?: string;
  name?: string;
  ip?: string;
  env: [name: string, value: string][];
  file: PathPair[];
  dir: PathPair[];
  out: PathPair[];
  publish: Publication[];
  browser?: BrowserName;
  /** In milliseconds. */
  timeout?: number;
  headful?: boolean;
  /** The packages to trace, all when empty. */
  trace?: string[];
}

/** Runs one program; resolves to the tool's exit status. */
export async function run(program: string, args: string[], options: RunOptions): Promise<number> {
  const interrupted = catchSignals();
  const progress = new Progress(process.stderr);
  const files = readGuestFiles(options.file, options.dir);
  const prepared = await prepareProgram(program, progress);
  const published = await Promise.all(options.publish.map((item) => PublishedPort.listen(item)));

  const profile = await chooseProfile(
    options.profile,
    options.browser,
    options.disk !== undefined || options.mount.length > 0,
  );
  const opening = Session.open(profile, options.headful === true, progress);
  let started: RemoteNode | undefined;
  // What ends a node that the tool itself stops is not news.
  let ending = false;

  const running = async (): Promise<number> => {
    const session = await opening;
    const page = await session.openPage(options.name ?? program);
    progress.clear();
    const node = page.start({
      program: prepared,
      argv0: program,
      args,
      env: Object.fromEntries(options.env),
      name: options.name,
      network: options.network,
      ip: options.ip,
      disk: options.disk,
      mounts: [...options.mount, ...options.tmp],
      files,
      outputs: options.out.map(({ guest }) => guest),
      trace: options.trace && {
        packages: options.trace,
        write: (line) => process.stderr.write(`${line}\n`),
      },
      terminal: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    });
    started = node;
    options.publish.forEach(({ port }, index) => published[index]?.serve(() => node.connect(port)));
    void copyInput(process.stdin, node.stdin);
    const [exit] = await Promise.all([
      node.exited,
      copyOutput(node.stdout, process.stdout),
      copyOutput(node.stderr, process.stderr),
    ]);
    if (exit.reason === 'exit') await Promise.all(published.map((port) => port.delivered()));
    return ending ? exit.status : finish(exit, options.out);
  };

  const races = [running(), interrupted];
  let timer: NodeJS.Timeout | undefined;
  if (options.timeout !== undefined) {
    races.push(
      new Promise((resolve) => {
        timer = setTimeout(() => resolve(toolStatus.timeout), options.timeout);
      }),
    );
  }
  try {
    return await Promise.race(races);
  } finally {
    ending = true;
    progress.clear();
    clearTimeout(timer);
    for (const port of published) port.close();
    started?.kill();
    // A browser that never started has nothing to close.
    const session = await Promise.race([opening, interrupted]).catch(() => undefined);
    if (session instanceof Session) await session.close();
  }
}

/** Reports how the program ended and copies its files out. @returns the tool's exit status */
function finish(exit: NodeExit, out: readonly PathPair[]): number {
  switch (exit.reason) {
    case 'exit':
      if (exit.message !== undefined) report(exit.message);
      break;
    case 'trap':
      report(`the program trapped: ${(exit.message ?? 'unreachable').trimEnd()}`);
      break;
    case 'killed':
      report(`the program was killed: ${exit.message ?? ''}`);
      return toolStatus.killed;
    case 'error':
      throw new ToolError(exit.message ?? 'the program could not be run');
  }
  try {
    writeOutputs(out, exit.outputs);
  } catch (error) {
    if (!(error instanceof ToolError) || exit.status === 0) throw error;
    // The program's own failure says more than the file it did not get to write.
    report(error.message);
  }
  return exit.status;
}
