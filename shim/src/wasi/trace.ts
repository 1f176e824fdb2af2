/** Shows each call of a program as one line, as strace does. */
import type { ByteSink } from '../abi/byte-sink.ts';
import { Trap, WitError } from '../abi/errors.ts';
import type { WitFunction, WitInterface, WitType } from '../abi/wit.ts';
import type { World } from '../generated/world.ts';
import { packages } from './description.ts';

/** What to show, and where. */
export interface Trace {
  /** Packages such as `filesystem`; all when empty. */
  readonly packages: readonly string[];
  /** Takes one line, without its end. */
  write(line: string): void;
}

/** Bytes and characters of data that a line shows before it says only how many there are. */
const PREVIEW = 32;

type HostFunction = (...args: unknown[]) => unknown;

/**
 * Wraps a world so that every call is shown. Resources are wrapped where they are handed out and
 * unwrapped where they come back, so that the host's own objects see only each other; a world that
 * is not traced is not touched at all.
 */
export function traceWorld(world: World, trace: Trace): World {
  const tracer = new Tracer(trace);
  const traced = new Map<string, unknown>();
  for (const [packageName, interfaces] of Object.entries(packages)) {
    for (const description of interfaces) {
      // cast: the generated type of each interface has the functions that its description lists.
      const host = (world as unknown as Record<string, Record<string, HostFunction> | undefined>)[
        description.name
      ];
      if (host !== undefined) {
        traced.set(description.name, tracer.wrapInterface(packageName, description, host));
      }
    }
  }
  // cast: every interface of the world has been wrapped in an object of the same functions.
  return Object.fromEntries(traced) as unknown as World;
}

interface Resource {
  readonly packageName: string;
  readonly methods: Readonly<Record<string, WitFunction>>;
}

interface Wrapped {
  readonly target: object;
  /** Such as `descriptor#3`. */
  readonly label: string;
}

class Tracer {
  readonly #trace: Trace;
  readonly #resources = new Map<string, Resource>();
  readonly #wrapped = new WeakMap<object, Wrapped>();
  readonly #counts = new Map<string, number>();

  constructor(trace: Trace) {
    this.#trace = trace;
    for (const [packageName, interfaces] of Object.entries(packages)) {
      for (const { resources } of interfaces) {
        for (const [name, methods] of Object.entries(resources)) {
          this.#resources.set(name, { packageName, methods });
        }
      }
    }
  }

  wrapInterface(
    packageName: string,
    description: WitInterface,
    host: Record<string, HostFunction>,
  ): object {
    const short = description.name.slice(description.name.indexOf('/') + 1);
    const functions = Object.entries(description.functions).flatMap(([name, type]) => {
      const key = camelCase(name);
      const call = host[key]?.bind(host);
      if (call === undefined) return [];
      return [[key, this.#traced(packageName, `${short}.${name}`, type, call)] as const];
    });
    return Object.fromEntries(functions);
  }

  #traced(packageName: string, label: string, type: WitFunction, call: HostFunction): HostFunction {
    const shown = this.#trace.packages.length === 0 || this.#trace.packages.includes(packageName);
    const params = Object.values(type.params);
    const { ok, err } = resultTypes(type.result);
    return (...args) => {
      const plain = args.map((arg) => this.#unwrap(arg));
      let data: Uint8Array | undefined;
      if (type.sink) {
        // cast: the last parameter of a function that the description marks so.
        const sink = plain.at(-1) as ByteSink;
        plain[plain.length - 1] = {
          allocate: (length: number) => (data = sink.allocate(length)),
        } satisfies ByteSink;
      }
      // Before the call: bytes in guest memory may have changed after it.
      const given = shown ? params.map((param, i) => this.#format(param, args[i])).join(', ') : '';
      const start = performance.now();
      const report = (outcome: string): void => {
        if (!shown) return;
        const time = (performance.now() - start).toFixed(3);
        this.#trace.write(`${label}(${given})${outcome} <${time} ms>`);
      };
      const succeeded = (value: unknown): unknown => {
        const result = ok === undefined ? value : this.#wrap(ok, value);
        const parts: string[] = [];
        if (data !== undefined) parts.push(formatBytes(data));
        else if (type.sink) parts.push('""');
        if (value !== undefined) {
          // A function with a sink returns what is left of its tuple, which is a bool.
          parts.push(type.sink || ok === undefined ? plainText(value) : this.#format(ok, result));
        }
        report(parts.length === 0 ? '' : ` = ${parts.join(', ')}`);
        return result;
      };
      const failed = (error: unknown): never => {
        if (error instanceof WitError) report(` = error ${this.#format(err, error.payload)}`);
        else if (error instanceof Trap) report(` traps: ${error.reason}`);
        throw error;
      };
      // A call that ends the program never returns, so it is shown when it is made.
      if (label.startsWith('exit.')) report('');
      let value: unknown;
      try {
        value = call(...plain);
      } catch (error) {
        return failed(error);
      }
      return value instanceof Promise ? value.then(succeeded, failed) : succeeded(value);
    };
  }

  /** Replaces the resources in a result by wrapped ones. */
  #wrap(type: WitType, value: unknown): unknown {
    if (value === undefined || value === null) return value;
    switch (type.kind) {
      case 'own':
        return this.#wrapResource(type.resource, value);
      case 'alias':
        return this.#wrap(type.type, value);
      case 'option':
        return this.#wrap(type.some, value);
      case 'list':
        return Array.isArray(value) ? value.map((item) => this.#wrap(type.element, item)) : value;
      case 'tuple':
        return Array.isArray(value)
          ? value.map((item: unknown, i) => {
              const element = type.elements[i];
              return element === undefined ? item : this.#wrap(element, item);
            })
          : value;
      default:
        // No record or variant of WASI 0.2 that a host returns holds a handle.
        return value;
    }
  }

  #wrapResource(name: string, value: unknown): unknown {
    const resource = this.#resources.get(name);
    if (typeof value !== 'object' || value === null || resource === undefined) return value;
    const number = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, number);
    const label = `${name}#${number}`;
    // cast: the object implements the resource's generated interface.
    const host = value as Record<string | symbol, HostFunction | undefined>;
    const wrapper: Record<string | symbol, HostFunction> = {};
    for (const [method, type] of Object.entries(resource.methods)) {
      const key = camelCase(method);
      const call = host[key]?.bind(host);
      if (call === undefined) continue;
      wrapper[key] = this.#traced(resource.packageName, `${label}.${method}`, type, call);
    }
    wrapper[Symbol.dispose] = () => host[Symbol.dispose]?.();
    this.#wrapped.set(wrapper, { target: value, label });
    return wrapper;
  }

  #unwrap(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#unwrap(item));
    return this.#wrapped.get(value)?.target ?? value;
  }

  #format(type: WitType | undefined, value: unknown): string {
    if (type === undefined || value === undefined) return value === undefined ? 'none' : '…';
    switch (type.kind) {
      case 'alias':
        return this.#format(type.type, value);
      case 'option':
        return this.#format(type.some, value);
      case 'own':
      case 'borrow':
        return typeof value === 'object' && value !== null
          ? (this.#wrapped.get(value)?.label ?? type.resource)
          : type.resource;
      case 'flags':
        return formatFlags(type.names, Number(value));
      case 'list':
        if (value instanceof Uint8Array) return formatBytes(value);
        return this.#formatAll(Array.isArray(value) ? value : [], () => type.element, '[]');
      case 'tuple':
        return this.#formatAll(Array.isArray(value) ? value : [], (i) => type.elements[i], '()');
      case 'record': {
        const fields = Object.entries(type.fields).map(([name, field]) => {
          // cast: a record is an object with the described fields.
          const member = (value as Record<string, unknown>)[camelCase(name)];
          return `${name}: ${this.#format(field, member)}`;
        });
        return `{${fields.join(', ')}}`;
      }
      case 'variant': {
        // cast: a variant is an object of this form.
        const { tag, val } = value as { readonly tag: string; readonly val?: unknown };
        const payload = type.cases[tag];
        return payload === undefined ? tag : `${tag} ${this.#format(payload, val)}`;
      }
      case 'result': {
        // cast: a result inside other types is an object of this form.
        const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val?: unknown };
        return val === undefined ? tag : `${tag} ${this.#format(type[tag], val)}`;
      }
      case 'enum':
      case 'count':
        return plainText(value);
      case 'primitive':
        return type.name === 'string' ? formatText(plainText(value)) : plainText(value);
    }
  }

  #formatAll(
    values: readonly unknown[],
    typeOf: (index: number) => WitType | undefined,
    [open = '', close = '']: string,
  ): string {
    return open + values.map((item, i) => this.#format(typeOf(i), item)).join(', ') + close;
  }
}

/** What a function returns and what it throws. */
function resultTypes(type: WitType | undefined): {
  readonly ok: WitType | undefined;
  readonly err: WitType | undefined;
} {
  return type?.kind === 'result' ? type : { ok: type, err: undefined };
}

/** A primitive as text; hosts return nothing else where the types are primitive. */
function plainText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return value.toString();
    default:
      return '?';
  }
}

function formatFlags(names: readonly string[], bits: number): string {
  const set = names.filter((_, i) => (bits & (1 << i)) !== 0);
  return set.length === 0 ? '0' : set.join('|');
}

function formatBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, PREVIEW)) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return bytes.length <= PREVIEW ? `"${text}"` : `"${text}"… (${bytes.length} bytes)`;
}

function formatText(text: string): string {
  const shown = JSON.stringify(text.slice(0, 4 * PREVIEW));
  return text.length <= 4 * PREVIEW ? shown : `${shown}… (${text.length} characters)`;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
