/** What feeding keys to a {@link LineEditor} led to. */
export type LineEvent =
  | { readonly type: 'changed' }
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'end-of-input' };

/** One key as a terminal reports it: a CSI or SS3 sequence, another escape sequence, or a character. */
// eslint-disable-next-line no-control-regex -- terminals speak in control characters
const KEY = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Za-z]|\x1b.?|[^\x1b]/gsu;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The line discipline of the demo's terminals: one line of text with a cursor and a history, edited
 * with the keys that readline has made usual. It knows nothing of how the line is shown.
 */
export class LineEditor {
  /** The text left of the cursor. */
  before = '';
  /** The text from the cursor on. */
  after = '';

  /** Earlier lines, oldest first. */
  readonly #history: string[] = [];
  /** Which line of the history is shown; its length means the new line. */
  #shown = 0;
  /** The new line while one of the history is shown. */
  #draft = '';

  /** The whole line. */
  get text(): string {
    return this.before + this.after;
  }

  /**
   * Takes what a terminal reports: typed characters, keys, pasted text.
   *
   * @returns what happened, in order; successive changes of the same line are reported once
   */
  feed(data: string): LineEvent[] {
    const events: LineEvent[] = [];
    for (const [key] of data.matchAll(KEY)) {
      const event = this.#press(key);
      if (event !== undefined && !(event.type === 'changed' && events.at(-1)?.type === 'changed')) {
        events.push(event);
      }
    }
    return events;
  }

  #press(key: string): LineEvent | undefined {
    switch (key) {
      case '\r':
      case '\n':
        return this.#enter();
      case '\x04': // Ctrl-D
        if (this.text === '') return { type: 'end-of-input' };
        return this.#set(this.before, this.after.slice(firstGrapheme(this.after).length));
      case '\x1b[3~': // Delete
        return this.#set(this.before, this.after.slice(firstGrapheme(this.after).length));
      case '\x7f':
      case '\b':
        return this.#set(withoutLastGrapheme(this.before), this.after);
      case '\x1b[D':
      case '\x1bOD':
      case '\x02': {
        const left = withoutLastGrapheme(this.before);
        return this.#set(left, this.before.slice(left.length) + this.after);
      }
      case '\x1b[C':
      case '\x1bOC':
      case '\x06': {
        const next = firstGrapheme(this.after);
        return this.#set(this.before + next, this.after.slice(next.length));
      }
      case '\x1b[H':
      case '\x1bOH':
      case '\x01':
        return this.#set('', this.text);
      case '\x1b[F':
      case '\x1bOF':
      case '\x05':
        return this.#set(this.text, '');
      case '\x1b[A':
      case '\x1bOA':
      case '\x10':
        return this.#recall(this.#shown - 1);
      case '\x1b[B':
      case '\x1bOB':
      case '\x0e':
        return this.#recall(this.#shown + 1);
      case '\x03': // Ctrl-C drops the line; the program never sees it.
        return this.#set('', '');
      case '\x15':
        return this.#set('', this.after);
      case '\x0b':
        return this.#set(this.before, '');
      case '\x17':
        return this.#set(this.before.replace(/\S*\s*$/u, ''), this.after);
    }
    // Keys without a meaning here, and characters that would move the terminal's cursor.
    if (/^[\p{Cc}]/u.test(key)) return undefined;
    return this.#set(this.before + key, this.after);
  }

  #set(before: string, after: string): LineEvent {
    this.before = before;
    this.after = after;
    return { type: 'changed' };
  }

  #enter(): LineEvent {
    const line = this.text;
    if (line.trim() !== '' && line !== this.#history.at(-1)) this.#history.push(line);
    this.#shown = this.#history.length;
    this.#draft = '';
    this.#set('', '');
    return { type: 'line', line };
  }

  #recall(index: number): LineEvent | undefined {
    if (index < 0 || index > this.#history.length) return undefined;
    if (this.#shown === this.#history.length) this.#draft = this.text;
    this.#shown = index;
    return this.#set(this.#history[index] ?? this.#draft, '');
  }
}

function firstGrapheme(text: string): string {
  for (const { segment } of graphemes.segment(text)) return segment;
  return '';
}

function withoutLastGrapheme(text: string): string {
  return text.slice(0, graphemes.segment(text).containing(text.length - 1)?.index ?? 0);
}
