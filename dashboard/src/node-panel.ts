import { spawn, type ExitStatus, type Node, type SpawnOptions } from '../../shim/src/node/index.ts';
import { LineTerminal } from './line-terminal.ts';

/** What a panel shows and runs. */
export interface NodePanelOptions {
  readonly title: string;
  /** How its node is started, each time. */
  readonly spawn: SpawnOptions;
  /** Whether a person types lines for the program. */
  readonly interactive: boolean;
  /** Ends the program in an orderly way, for the Stop button. */
  readonly stop: (panel: NodePanel) => void;
  /** What that does, for the button's tooltip. */
  readonly stopTitle: string;
  /** Called with what the program prints, as text. */
  readonly onOutput?: (text: string) => void;
  /** Called when a node has ended. */
  readonly onExit?: (exit: ExitStatus) => void;
}

type State = 'starting' | 'running' | 'ended';

/** One node of the page: its terminal, its state, and the buttons that start and end it. */
export class NodePanel {
  readonly element: HTMLElement;
  readonly #options: NodePanelOptions;
  readonly #terminal: LineTerminal;
  readonly #part: (name: string) => HTMLElement;
  readonly #buttons: Readonly<Record<'start' | 'stop' | 'kill', HTMLButtonElement>>;
  /** Settles when the node that runs has ended and is shown so; absent while none runs. */
  #finished: Promise<void> | undefined;
  #node: Node | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** Adds the panel to the page; nothing runs before {@link NodePanel.start}. */
  constructor(parent: HTMLElement, options: NodePanelOptions) {
    this.#options = options;
    const template = document.querySelector<HTMLTemplateElement>('template#node-panel');
    const element = template?.content.firstElementChild?.cloneNode(true);
    if (!(element instanceof HTMLElement)) throw new Error('the page has no template for nodes');
    this.element = element;
    this.#part = (name) => part(element, `[data-part="${name}"]`, HTMLElement);
    this.#buttons = {
      start: part(element, 'button[data-part="start"]', HTMLButtonElement),
      stop: part(element, 'button[data-part="stop"]', HTMLButtonElement),
      kill: part(element, 'button[data-part="kill"]', HTMLButtonElement),
    };
    this.#part('title').textContent = options.title;
    element.setAttribute('aria-label', options.title);
    parent.append(element);
    this.#terminal = new LineTerminal(
      this.#part('terminal'),
      `Terminal of the ${options.title}`,
      options.interactive
        ? { onLine: (line) => this.#send(`${line}\n`), onEndOfInput: () => this.closeInput() }
        : undefined,
    );
    this.#buttons.start.onclick = () => void this.restart();
    this.#buttons.stop.onclick = () => options.stop(this);
    this.#buttons.stop.title = options.stopTitle;
    this.#buttons.kill.onclick = () => this.#node?.kill();
  }

  /** Starts the node, unless it runs. */
  start(): void {
    this.#finished ??= this.#run().finally(() => (this.#finished = undefined));
  }

  /** Kills the node if it runs, and starts it again. */
  async restart(): Promise<void> {
    this.#node?.kill();
    await this.#finished;
    this.start();
  }

  /** Runs a node until it has ended and everything it printed is shown. */
  async #run(): Promise<void> {
    this.#show('starting', 'starting');
    const node = spawn(this.#options.spawn);
    this.#node = node;
    this.#input = node.stdin.getWriter();
    // Writing to a program that has ended fails; the panel says that it has ended anyway.
    this.#input.closed.catch(() => undefined);
    const shown = Promise.all([this.#follow(node.stdout), this.#follow(node.stderr)]);
    node.started.then(
      ({ name, ip }) => {
        this.#part('name').textContent = name;
        this.#part('address').textContent = ip;
        this.#show('running', 'running');
      },
      // `exited` says why.
      () => undefined,
    );
    const exit = await node.exited;
    await shown;
    this.#node = undefined;
    this.#input = undefined;
    const ending = describeExit(exit);
    await this.#terminal.write(`\n\x1b[2m[${ending}]\x1b[0m\n`);
    if (exit.reason === 'trap' || exit.reason === 'error') {
      await this.#terminal.write(`${exit.message ?? ''}\n`);
    }
    this.#show('ended', ending);
    this.#options.onExit?.(exit);
  }

  /** Gives the program the end of its input. */
  closeInput(): void {
    this.#input?.close().catch(() => undefined);
  }

  /** Types a line into the terminal, and Enter. */
  enter(line: string): void {
    this.#terminal.type(`${line}\r`);
    this.#terminal.focus();
  }

  focus(): void {
    this.#terminal.focus();
  }

  #send(text: string): void {
    this.#input?.write(new TextEncoder().encode(text)).catch(() => undefined);
  }

  /** Shows a stream until it ends. Held up while the terminal is busy, as a slow reader would. */
  #follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    return stream
      .pipeTo(
        new WritableStream({
          write: async (bytes) => {
            await this.#terminal.write(bytes);
            this.#options.onOutput?.(decoder.decode(bytes, { stream: true }));
          },
        }),
      )
      .catch(() => undefined);
  }

  #show(state: State, words: string): void {
    this.element.dataset['state'] = state;
    this.#part('state').textContent = words;
    this.#buttons.start.textContent = state === 'ended' ? 'Start' : 'Restart';
    this.#buttons.stop.disabled = state !== 'running';
    this.#buttons.kill.disabled = state === 'ended';
  }
}

/** How a node ended, in a few words. */
function describeExit(exit: ExitStatus): string {
  switch (exit.reason) {
    case 'exit':
      return `ended with status ${exit.status}`;
    case 'killed':
      return exit.message === undefined || exit.message === 'killed'
        ? 'killed'
        : `ended: ${exit.message}`;
    case 'trap':
      return 'crashed';
    case 'error':
      return 'did not run';
  }
}

function part<T extends HTMLElement>(element: HTMLElement, selector: string, type: new () => T): T {
  const found = element.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page's template lacks ${selector}`);
  return found;
}
