import { spawn, type Node } from '../../../shim/src/node/index.ts';
import { messageOf } from '../errors.ts';
import { readSized, writeAll, type Multiplexer } from '../multiplexer.ts';
import type { ExitedMessage, PageMessage, StartMessage, ToolMessage } from '../protocol.ts';
import { NodeView } from './node_view.ts';

/** Runs the nodes of one page as its tool says. */
export class NodeRunner {
  readonly #multiplexer: Multiplexer;
  readonly #views: Element;
  readonly #nodes = new Map<number, Node>();
  /** Nodes that were killed before their program had arrived. */
  readonly #killed = new Set<number>();

  constructor(multiplexer: Multiplexer, views: Element) {
    this.#multiplexer = multiplexer;
    this.#views = views;
  }

  handle(message: ToolMessage): void {
    switch (message.type) {
      case 'start':
        void this.#start(message);
        break;
      case 'kill':
        this.#kill(message.node);
        break;
      case 'connect':
      case 'watch-listener':
        break;
    }
  }

  #kill(number: number): void {
    const node = this.#nodes.get(number);
    if (node) node.kill();
    else this.#killed.add(number);
  }

  killAll(): void {
    for (const node of this.#nodes.values()) node.kill();
  }

  #send(message: PageMessage): void {
    this.#multiplexer.control(message);
  }

  async #start(message: StartMessage): Promise<void> {
    const multiplexer = this.#multiplexer;
    // In the order in which the tool opened them, before anything is awaited.
    const contents = multiplexer.open(message.contents, 'receive');
    const stdin = multiplexer.open(message.stdin, 'receive');
    const stdout = multiplexer.open(message.stdout, 'send');
    const stderr = multiplexer.open(message.stderr, 'send');
    const results = multiplexer.open(message.results, 'send');
    const view = new NodeView(this.#views, message.name ?? message.argv0);

    const exit = (exited: Omit<ExitedMessage, 'type' | 'node' | 'outputs'>, outputs = {}) => {
      view.state = exited.reason === 'exit' ? `exited with status ${exited.status}` : exited.reason;
      const files = Object.entries<Uint8Array>(outputs);
      this.#send({
        type: 'exited',
        node: message.node,
        ...exited,
        outputs: files.map(([path, bytes]) => ({ path, size: bytes.length })),
      });
      // It fails only with the connection, and then nobody waits for it.
      writeAll(
        results.writable,
        files.map(([, bytes]) => bytes),
      ).catch(() => undefined);
    };

    let node: Node;
    try {
      const [program, ...files] = await readSized(contents.readable, [
        message.program.size,
        ...message.files.map(({ size }) => size),
      ]);
      if (!program) throw new Error('the program did not arrive');
      if (this.#killed.has(message.node)) {
        await Promise.all([stdout.writable.close(), stderr.writable.close()]);
        exit({ status: 137, reason: 'killed' });
        return;
      }
      node = spawn({
        program,
        argv0: message.argv0,
        args: message.args,
        env: message.env,
        files: Object.fromEntries(
          message.files.map(({ path }, index) => [path, files[index] ?? new Uint8Array()]),
        ),
        outputs: message.outputs,
        terminal: message.terminal,
        ...(message.name === undefined ? {} : { name: message.name }),
        ...(message.network === undefined ? {} : { network: message.network }),
        ...(message.ip === undefined ? {} : { ip: message.ip }),
        ...(message.disk === undefined ? {} : { disk: message.disk }),
      });
    } catch (error) {
      await Promise.all([stdout.writable.close(), stderr.writable.close()]);
      exit({ status: 125, reason: 'error', message: messageOf(error) });
      return;
    }

    this.#nodes.set(message.node, node);
    // Each of the three ends with its node, its reader or the connection; `exited` tells the rest.
    stdin.readable.pipeTo(node.stdin).catch(() => undefined);
    view
      .recorded(node.stdout)
      .pipeTo(stdout.writable)
      .catch(() => undefined);
    view
      .recorded(node.stderr)
      .pipeTo(stderr.writable)
      .catch(() => undefined);
    node.started.then(
      ({ name, ip }) => {
        view.name = name;
        view.state = ip;
        this.#send({ type: 'started', node: message.node, name, ip });
      },
      () => undefined,
    );
    const { status, reason, message: text, outputs } = await node.exited;
    this.#nodes.delete(message.node);
    exit({ status, reason, message: text }, outputs);
  }
}
