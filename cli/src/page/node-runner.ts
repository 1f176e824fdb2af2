import { spawn, type Node } from '../../../shim/src/node/index.ts';
import type { AdaptedProgram } from '../../../shim/src/wasi/program.ts';
import { messageOf } from '../errors.ts';
import { ChannelReset, readSized, writeAll, type Multiplexer } from '../multiplexer.ts';
import type {
  ExitedMessage,
  PageMessage,
  SizedFile,
  StartMessage,
  ToolMessage,
} from '../protocol.ts';
import { Gateway } from './gateway.ts';
import { listened } from './listened.ts';
import { NodeView } from './node-view.ts';

/** The network of nodes that name none, as `spawn` has it. */
const defaultNetwork = 'default';

/** Puts together what `adapt` made: the glue, then the core modules. */
function adaptedProgram(
  parts: readonly SizedFile[],
  [glue, ...modules]: readonly Uint8Array<ArrayBuffer>[],
): AdaptedProgram {
  return {
    kind: 'adapted',
    glue: new TextDecoder().decode(glue),
    modules: Object.fromEntries(
      modules.map((bytes, index) => [parts[index + 1]?.path ?? '', bytes]),
    ),
  };
}

/** Runs the nodes of one page as its tool says. */
export class NodeRunner {
  readonly #multiplexer: Multiplexer;
  readonly #views: Element;
  readonly #nodes = new Map<number, { node: Node; network: string }>();
  /** By network; each joins when the first connection to a published port comes. */
  readonly #gateways = new Map<string, Promise<Gateway>>();
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
        void this.#connect(message.node, message.port, message.channel);
        break;
      case 'watch-listener': {
        const { watch, network, host, port } = message;
        void listened(network, host, port).then(() => this.#send({ type: 'listening', watch }));
        break;
      }
    }
  }

  #kill(number: number): void {
    const running = this.#nodes.get(number);
    if (running) running.node.kill();
    else this.#killed.add(number);
  }

  /** Ends everything that runs here. */
  end(): void {
    for (const { node } of this.#nodes.values()) node.kill();
    for (const gateway of this.#gateways.values()) {
      gateway.then((joined) => joined.leave()).catch(() => undefined);
    }
  }

  async #connect(number: number, port: number, id: number): Promise<void> {
    const channel = this.#multiplexer.open(id, 'both');
    try {
      const running = this.#nodes.get(number);
      if (!running) throw new Error('the node does not run');
      const { network, node } = running;
      let gateway = this.#gateways.get(network);
      if (!gateway) this.#gateways.set(network, (gateway = Gateway.join(network)));
      const [joined, { ip }] = await Promise.all([gateway, node.started]);
      await joined.bridge(channel, ip, port, () => {
        this.#send({ type: 'connected', channel: id });
      });
    } catch (error) {
      channel.fail(new ChannelReset(messageOf(error)));
      this.#send({ type: 'refused', channel: id, message: messageOf(error) });
    }
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
      const { form, parts } = message.program;
      const received = await readSized(
        contents.readable,
        [...parts, ...message.files].map(({ size }) => size),
      );
      const files = received.splice(parts.length);
      const program = form === 'component' ? received[0] : adaptedProgram(parts, received);
      if (!program) throw new Error('the program has no parts');
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
        ...(message.trace === undefined
          ? {}
          : {
              trace: {
                packages: message.trace,
                write: (line) => this.#send({ type: 'trace', node: message.node, line }),
              },
            }),
        ...(message.name === undefined ? {} : { name: message.name }),
        ...(message.network === undefined ? {} : { network: message.network }),
        ...(message.ip === undefined ? {} : { ip: message.ip }),
        ...(message.disk === undefined ? {} : { disk: message.disk }),
        mounts: Object.fromEntries(
          message.mounts.map(({ path, disk, readOnly }) => [
            path,
            disk === undefined ? 'memory' : { disk, readOnly },
          ]),
        ),
      });
    } catch (error) {
      await Promise.all([stdout.writable.close(), stderr.writable.close()]);
      exit({ status: 125, reason: 'error', message: messageOf(error) });
      return;
    }

    this.#nodes.set(message.node, { node, network: message.network ?? defaultNetwork });
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
