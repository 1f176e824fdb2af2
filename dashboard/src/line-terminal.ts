import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type IMarker, type ITheme } from '@xterm/xterm';
import { LineEditor } from './line-editor.ts';
import { followScreenReader } from './screen-reader.ts';

/** What a {@link LineTerminal} tells its owner. */
export interface LineTerminalEvents {
  /** A line was entered; the text is without its line end. */
  onLine(line: string): void;
  /** Ctrl-D was pressed on an empty line. */
  onEndOfInput(): void;
}

const LIGHT: ITheme = {
  background: '#ffffff',
  foreground: '#1c2128',
  cursor: '#1c2128',
  cursorAccent: '#ffffff',
  selectionBackground: '#b6d7ff',
};
const DARK: ITheme = {
  background: '#12161c',
  foreground: '#dde3ea',
  cursor: '#dde3ea',
  cursorAccent: '#12161c',
  selectionBackground: '#2c4f7c',
};
const darkScheme = matchMedia('(prefers-color-scheme: dark)');

/**
 * A terminal that shows a program's output and, when given events, lets a person type lines for
 * its input.
 *
 * The page plays the part of the kernel's terminal driver: it echoes and edits the line, and hands
 * it over when it is complete. What is being typed always stands behind the last output: when the
 * program prints in between, the line is taken away and drawn again below.
 */
export class LineTerminal {
  readonly #terminal: Terminal;
  readonly #events: LineTerminalEvents | undefined;
  readonly #editor = new LineEditor();
  /** Where on the screen the typed line begins; absent while nothing is typed. */
  #origin: { readonly marker: IMarker; readonly column: number } | undefined;
  /** The typed line as it is on the screen, left of the cursor and from it on. */
  #shown = { before: '', after: '' };
  /** Settles when everything asked for so far is on the screen. */
  #drawn: Promise<void> = Promise.resolve();

  /**
   * @param element - where it is put; it takes that element's size and follows it
   * @param label - what assistive technology calls it
   */
  constructor(element: HTMLElement, label: string, events?: LineTerminalEvents) {
    this.#events = events;
    this.#terminal = new Terminal({
      convertEol: true,
      cursorBlink: events !== undefined,
      cursorInactiveStyle: events === undefined ? 'none' : 'outline',
      disableStdin: events === undefined,
      fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
      fontSize: 14,
      lineHeight: 1.15,
      minimumContrastRatio: 4.5,
      theme: darkScheme.matches ? DARK : LIGHT,
    });
    followScreenReader((on) => (this.#terminal.options.screenReaderMode = on));
    darkScheme.addEventListener('change', ({ matches }) => {
      this.#terminal.options.theme = matches ? DARK : LIGHT;
    });
    const fit = new FitAddon();
    this.#terminal.loadAddon(fit);
    this.#terminal.open(element);
    this.#terminal.textarea?.setAttribute('aria-label', label);
    new ResizeObserver(() => fit.fit()).observe(element);
    this.#terminal.attachCustomKeyEventHandler((event) => !this.#belongsToBrowser(event));
    if (events !== undefined) this.#terminal.onData((data) => this.type(data));
  }

  /** Shows output of the program; settles when it is on the screen. */
  write(output: Uint8Array | string): Promise<void> {
    return this.#queue(async () => {
      const { before, after } = this.#shown;
      await this.#erase();
      await this.#put(output);
      await this.#draw(before, after);
    });
  }

  /** Takes keys as if they had been typed; `\r` is Enter. */
  type(keys: string): void {
    for (const event of this.#editor.feed(keys)) {
      switch (event.type) {
        case 'changed': {
          const { before, after } = this.#editor;
          void this.#queue(() => this.#redraw(before, after));
          break;
        }
        case 'line':
          void this.#queue(async () => {
            await this.#redraw(event.line, '');
            await this.#put('\n');
            this.#forget();
            this.#events?.onLine(event.line);
          });
          break;
        case 'end-of-input':
          this.#events?.onEndOfInput();
          break;
      }
    }
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Keys that the terminal must leave alone: copying a selection, and Tab, which moves the focus. */
  #belongsToBrowser(event: KeyboardEvent): boolean {
    const copies = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'c';
    return event.key === 'Tab' || (copies && this.#terminal.hasSelection());
  }

  /** Runs steps one after the other: each needs the cursor where the one before left it. */
  #queue(step: () => Promise<void>): Promise<void> {
    this.#drawn = this.#drawn.then(step);
    return this.#drawn;
  }

  #put(text: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  /** Moves the cursor to a line of the buffer and a column, both counted from 0. */
  #moveTo(line: number, column: number): Promise<void> {
    const row = Math.max(0, line - this.#terminal.buffer.active.baseY);
    return this.#put(`\x1b[${row + 1};${column + 1}H`);
  }

  /** Brings the typed line on the screen up to date. */
  async #redraw(before: string, after: string): Promise<void> {
    const shown = this.#shown;
    if (
      this.#origin !== undefined &&
      after + shown.after === '' &&
      before.startsWith(shown.before)
    ) {
      // Typing at the end writes only what is new: that is also what a screen reader then says.
      const typed = before.slice(shown.before.length);
      this.#shown = { before, after };
      await this.#put(typed);
      return;
    }
    await this.#erase();
    await this.#draw(before, after);
  }

  /** Takes the typed line off the screen. */
  async #erase(): Promise<void> {
    if (this.#origin === undefined) return;
    await this.#moveTo(this.#origin.marker.line, this.#origin.column);
    await this.#put('\x1b[J');
    this.#forget();
  }

  /** From now on what is on the screen is output, and nothing is typed. */
  #forget(): void {
    this.#origin?.marker.dispose();
    this.#origin = undefined;
    this.#shown = { before: '', after: '' };
  }

  /** Puts a line where the cursor stands, and the cursor into it. */
  async #draw(before: string, after: string): Promise<void> {
    if (before + after === '') return;
    const buffer = this.#terminal.buffer.active;
    this.#origin = { marker: this.#terminal.registerMarker(0), column: buffer.cursorX };
    this.#shown = { before, after };
    await this.#put(before);
    if (after === '') return;
    const cursor = { marker: this.#terminal.registerMarker(0), column: buffer.cursorX };
    await this.#put(after);
    await this.#moveTo(cursor.marker.line, cursor.column);
    cursor.marker.dispose();
  }
}
