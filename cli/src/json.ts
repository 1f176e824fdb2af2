/** A JSON value has the wrong shape; the message begins with the value's path (`nodes[1].name`). */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`;
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

/**
 * A value of parsed JSON together with its path, read with checks: each accessor returns the value
 * in the type asked for or throws a {@link JsonError} that names the path.
 */
export class JsonValue {
  readonly #value: unknown;
  readonly #path: string;

  /** @param path where the value stands in its document; empty for the document itself */
  constructor(value: unknown, path = '') {
    this.#value = value;
    this.#path = path;
  }

  /** The error that this value is wrong, e.g. `nodes[0].ip: expected an IPv4 address, found …`. */
  wrong(expected: string): JsonError {
    const where = this.#path === '' ? 'the document' : this.#path;
    return new JsonError(`${where}: expected ${expected}, found ${describe(this.#value)}`);
  }

  get present(): boolean {
    return this.#value !== undefined;
  }

  string(): string {
    if (typeof this.#value !== 'string') throw this.wrong('a string');
    return this.#value;
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') throw this.wrong('true or false');
    return this.#value;
  }

  /** A non-negative integer that a double holds exactly. */
  integer(): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw this.wrong('a non-negative integer');
    }
    return value;
  }

  /** One of the given strings. */
  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.#value);
    if (found === undefined) throw this.wrong(`one of ${choices.join(', ')}`);
    return found;
  }

  array(): JsonValue[] {
    if (!Array.isArray(this.#value)) throw this.wrong('an array');
    return this.#value.map(
      (item: unknown, index) => new JsonValue(item, `${this.#path}[${index}]`),
    );
  }

  strings(): string[] {
    return this.array().map((item) => item.string());
  }

  /** The value by `read`, or undefined where the key is absent. */
  optional<T>(read: (value: JsonValue) => T): T | undefined {
    return this.present ? read(this) : undefined;
  }

  /** The entries of an object with keys of any name. */
  entries(): [string, JsonValue][] {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.wrong('an object');
    }
    return Object.entries(value).map(([key, item]: [string, unknown]) => [
      key,
      new JsonValue(item, this.#path === '' ? key : `${this.#path}.${key}`),
    ]);
  }

  /** The members of an object with these keys only; a missing one is a value that is not present. */
  object<K extends string>(keys: readonly K[]): Record<K, JsonValue> {
    const entries = new Map(this.entries());
    const known = new Set<string>(keys);
    for (const key of entries.keys()) {
      if (known.has(key)) continue;
      const where = this.#path === '' ? '' : `${this.#path}: `;
      throw new JsonError(`${where}unknown key ${JSON.stringify(key)} (known: ${keys.join(', ')})`);
    }
    const members = keys.map((key): [K, JsonValue] => [
      key,
      entries.get(key) ??
        new JsonValue(undefined, this.#path === '' ? key : `${this.#path}.${key}`),
    ]);
    // cast: fromEntries forgets the key type; every key of K is in `members`.
    return Object.fromEntries(members) as Record<K, JsonValue>;
  }
}
