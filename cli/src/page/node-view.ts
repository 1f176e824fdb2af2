/** How many bytes of output a node's view shows: the last ones. */
const kept = 16 * 1024;

/** A program may write faster than text can be laid out: the view follows in steps of this, in ms. */
const redrawEvery = 250;

/** What the page shows of one node: its name, its state and the last of its output. */
export class NodeView {
  readonly #state: HTMLElement;
  readonly #name: HTMLElement;
  readonly #output: HTMLElement;
  /** The last chunks, together at least `kept` bytes once there were as many. */
  #chunks: Uint8Array[] = [];
  #size = 0;
  #redraw: ReturnType<typeof setTimeout> | undefined;

  constructor(parent: Element, title: string) {
    const section = document.createElement('section');
    const heading = document.createElement('h2');
    this.#name = document.createElement('b');
    this.#name.textContent = title;
    this.#state = document.createElement('span');
    this.#output = document.createElement('pre');
    heading.append(this.#name, this.#state);
    section.append(heading, this.#output);
    parent.append(section);
    this.state = 'loading';
  }

  set name(name: string) {
    this.#name.textContent = name;
  }

  set state(state: string) {
    this.#state.textContent = state;
  }

  /** A copy of the bytes that pass on the way to `stream`'s reader is shown. */
  recorded(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const recorder = new TransformStream<Uint8Array, Uint8Array>(
      {
        transform: (chunk, controller) => {
          this.#add(chunk);
          controller.enqueue(chunk);
        },
      },
      { highWaterMark: 1 },
      { highWaterMark: 0 },
    );
    return stream.pipeThrough(recorder);
  }

  #add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      const first = this.#chunks[0];
      if (!first || this.#size - first.length < kept) break;
      this.#chunks.shift();
      this.#size -= first.length;
    }
    if (this.#redraw !== undefined) return;
    this.#redraw = setTimeout(() => {
      this.#redraw = undefined;
      const text = new TextDecoder();
      const shown = this.#chunks.map((part) => text.decode(part, { stream: true })).join('');
      this.#output.textContent = shown.slice(-kept);
      this.#output.scrollTop = this.#output.scrollHeight;
    }, redrawEvery);
  }
}
