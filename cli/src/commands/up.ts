import { readFileSync } from 'node:fs';
import type { BrowserName } from '../browsers.ts';
import { LinePrefixer } from '../client/line-prefixer.ts';
import type { NodeExit, PageConnection, RemoteNode } from '../client/page-connection.ts';
import { Progress } from '../client/progress.ts';
import { PublishedPort } from '../client/publish.ts';
import { Session } from '../client/session.ts';
import { copyOutput } from '../client/stdio.ts';
import { parseCluster, type Cluster, type ClusterNode, type Endpoint } from '../cluster.ts';
import { fileProblem, ToolError, toolStatus } from '../errors.ts';
import { prepareProgram, type PreparedProgram } from '../program.ts';
import { chooseProfile } from './choose-profile.ts';
import { catchSignals } from './interruption.ts';

/** The options of `backtab up`. */
export interface UpOptions {
  profile?: string;
  browser?: BrowserName;
  headful?: boolean;
  /** The packages to trace, all when empty. */
  trace?: string[];
}

/** Runs the nodes of a cluster file; resolves to the tool's exit status. */
export async function up(file: string, options: UpOptions): Promise<number> {
  const interrupted = catchSignals();
  const progress = new Progress(process.stderr);
  const cluster = parseCluster(readClusterFile(file), file);

  const programs = new Map<string, PreparedProgram>();
  for (const { path } of cluster.nodes) {
    if (!programs.has(path)) programs.set(path, await prepareProgram(path, progress));
  }
  const published = new Map<ClusterNode, PublishedPort[]>();
  for (const node of cluster.nodes) {
    published.set(node, await Promise.all(node.publish.map((item) => PublishedPort.listen(item))));
  }

  const keepsDisks = cluster.nodes.some(
    ({ disk, mounts }) => disk !== undefined || mounts.some((mount) => mount.disk !== undefined),
  );
  const profile = await chooseProfile(options.profile, options.browser, keepsDisks);
  const opening = Session.open(profile, options.headful === true, progress);
  let run: ClusterRun | undefined;
  const running = async () => {
    run = new ClusterRun(cluster, await opening, programs, published, options.trace);
    return run.finished(progress);
  };
  try {
    return await Promise.race([running(), interrupted]);
  } finally {
    progress.clear();
    run?.stop();
    for (const ports of published.values()) for (const port of ports) port.close();
    const session = await Promise.race([opening, interrupted]).catch(() => undefined);
    if (session instanceof Session) await session.close();
  }
}

function readClusterFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ToolError(`${file}: ${fileProblem(error)}`);
  }
}

/** The nodes of one cluster while they run. */
class ClusterRun {
  readonly #cluster: Cluster;
  readonly #session: Session;
  readonly #programs: ReadonlyMap<string, PreparedProgram>;
  readonly #published: ReadonlyMap<ClusterNode, PublishedPort[]>;
  /** Each node's end, by its name; resolves to its exit status. */
  readonly #ends = new Map<string, Promise<number>>();
  readonly #trace: readonly string[] | undefined;
  #firstPage: Promise<PageConnection> | undefined;
  #status = 0;
  readonly #nodes: RemoteNode[] = [];
  // What ends nodes that the tool itself stops is not news.
  #stopped = false;

  constructor(
    cluster: Cluster,
    session: Session,
    programs: ReadonlyMap<string, PreparedProgram>,
    published: ReadonlyMap<ClusterNode, PublishedPort[]>,
    trace: readonly string[] | undefined,
  ) {
    this.#cluster = cluster;
    this.#session = session;
    this.#programs = programs;
    this.#published = published;
    this.#trace = trace;
  }

  /** Runs all nodes to their ends. @returns the first status that was not 0, else 0 */
  async finished(progress: Progress): Promise<number> {
    const { nodes, network } = this.#cluster;
    const first = nodes.find(({ tab }) => tab);
    // It also answers what nodes wait for, so it is opened in any case.
    this.#firstPage = this.#session.openPage(first?.name ?? network);
    await this.#firstPage;
    progress.clear();
    for (const node of nodes) {
      const ended = this.#run(node, node.tab && node !== first);
      this.#ends.set(node.name, ended);
    }
    await Promise.all(this.#ends.values());
    return this.#status;
  }

  /** Kills what still runs, silently. */
  stop(): void {
    this.#stopped = true;
    for (const node of this.#nodes) node.kill();
  }

  async #run(node: ClusterNode, ownPage: boolean): Promise<number> {
    const prefix = `${node.name} | `;
    let exit: NodeExit;
    try {
      // The other nodes must be on record before this one looks for what it waits for.
      await Promise.resolve();
      for (const endpoint of node.waitFor) await this.#listening(endpoint);
      const page = ownPage ? await this.#session.openPage(node.name) : await this.#firstPage;
      if (!page) throw new ToolError('there is no page');
      const remote = this.#start(page, node);
      [exit] = await Promise.all([
        remote.exited,
        copyOutput(remote.stdout.pipeThrough(new LinePrefixer(prefix)), process.stdout),
        copyOutput(remote.stderr.pipeThrough(new LinePrefixer(prefix)), process.stderr),
      ]);
      const published = this.#published.get(node) ?? [];
      if (exit.reason === 'exit') await Promise.all(published.map((port) => port.delivered()));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const status = toolStatus.failure;
      exit = { status, reason: 'error', message: error.message, outputs: new Map() };
    }
    const { status, message } = exit;
    if (message !== undefined && !this.#stopped) {
      const text = exit.reason === 'trap' ? `the program trapped: ${message}` : message;
      for (const line of text.trimEnd().split('\n'))
        process.stderr.write(`${prefix}backtab: ${line}\n`);
    }
    if (this.#status === 0) this.#status = status;
    return status;
  }

  /** Resolves once a port is listened on. @throws ToolError when its node ends before that */
  async #listening({ host, port }: Endpoint): Promise<void> {
    const page = await this.#firstPage;
    if (!page) throw new ToolError('there is no page');
    const target = this.#cluster.nodes.find(({ name, ip }) => name === host || ip === host);
    const end = target && this.#ends.get(target.name);
    const gone = end?.then((status) => {
      throw new ToolError(
        `${host} ended with status ${status} before it listened on port ${port}, which is waited for`,
      );
    });
    // The end may come at any time after the port was seen; that is no error.
    gone?.catch(() => undefined);
    const listening = page.watchListener(this.#cluster.network, host, port);
    await Promise.race(gone ? [listening, gone] : [listening]);
  }

  #start(page: PageConnection, node: ClusterNode): RemoteNode {
    const program = this.#programs.get(node.path);
    if (!program) throw new ToolError(`${node.path} was not prepared`);
    const remote = page.start({
      program,
      argv0: node.program,
      args: node.args,
      env: node.env,
      name: node.name,
      network: this.#cluster.network,
      ip: node.ip,
      disk: node.disk,
      mounts: node.mounts,
      files: new Map(),
      outputs: [],
      trace: this.#trace && {
        packages: this.#trace,
        write: (line) => process.stderr.write(`${node.name} | ${line}\n`),
      },
      terminal: { stdin: false, stdout: false, stderr: false },
    });
    this.#nodes.push(remote);
    // Nodes of a cluster share this terminal and have no input of their own.
    remote.stdin.close().catch(() => undefined);
    node.publish.forEach(({ port }, index) => {
      this.#published.get(node)?.[index]?.serve(() => remote.connect(port));
    });
    return remote;
  }
}
