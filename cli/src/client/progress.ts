/** Tells a person at a terminal what takes long; silent where stderr is anything else. */
export class Progress {
  readonly #terminal: NodeJS.WriteStream | undefined;
  #shown = false;

  constructor(stderr: NodeJS.WriteStream) {
    this.#terminal = stderr.isTTY ? stderr : undefined;
  }

  /** Replaces what is shown by a step that begins now. */
  show(step: string): void {
    this.#terminal?.write(`\r\x1b[K${step} …`);
    this.#shown = true;
  }

  /** Removes what is shown, before anything else is written to the terminal. */
  clear(): void {
    if (this.#shown) this.#terminal?.write('\r\x1b[K');
    this.#shown = false;
  }
}
