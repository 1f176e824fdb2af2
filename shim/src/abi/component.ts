/**
 * Reads the outline of a WebAssembly binary: enough to tell what it is, what it imports, and, for
 * a plain component, which core module holds the program.
 */

/** An import of a core module. */
export interface CoreImport {
  readonly module: string;
  readonly name: string;
}

/** A core module's outward appearance. */
export interface ModuleOutline {
  readonly kind: 'module';
  /** The module itself. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imports: readonly CoreImport[];
  readonly exports: readonly string[];
}

/** A component's outward appearance. */
export interface ComponentOutline {
  readonly kind: 'component';
  /** The core modules at the top level. */
  readonly modules: readonly ModuleOutline[];
  /** Whether a component inside holds core modules of its own. */
  readonly composed: boolean;
  /** The names of the imports, with versions. */
  readonly imports: readonly string[];
  /** The names of the exports, with versions. */
  readonly exports: readonly string[];
}

const MAGIC = 0x6d736100;
const MODULE_VERSION = 1;
const COMPONENT_VERSION = 0x0001000d;

const coreSection = { import: 2, export: 7 } as const;
const componentSection = { coreModule: 1, component: 4, import: 10, export: 11 } as const;

/**
 * Reads a binary's outline.
 *
 * @returns `undefined` when the bytes are no WebAssembly of a version known here.
 * @throws RangeError when the binary is malformed.
 */
export function readOutline(
  binary: Uint8Array<ArrayBuffer>,
): ModuleOutline | ComponentOutline | undefined {
  if (binary.length < 8) return undefined;
  const header = new DataView(binary.buffer, binary.byteOffset, 8);
  if (header.getUint32(0, true) !== MAGIC) return undefined;
  const version = header.getUint32(4, true);
  if (version === MODULE_VERSION) return readModule(binary);
  return version === COMPONENT_VERSION ? readComponent(binary) : undefined;
}

function readModule(binary: Uint8Array<ArrayBuffer>): ModuleOutline {
  const imports: CoreImport[] = [];
  const exports: string[] = [];
  for (const { id, contents } of sections(binary)) {
    if (id === coreSection.import) {
      for (let count = contents.unsigned(); count > 0; count--) {
        imports.push({ module: contents.name(), name: contents.name() });
        skipCoreImportType(contents);
      }
    } else if (id === coreSection.export) {
      for (let count = contents.unsigned(); count > 0; count--) {
        exports.push(contents.name());
        contents.byte();
        contents.unsigned();
      }
    }
  }
  return { kind: 'module', bytes: binary, imports, exports };
}

function readComponent(binary: Uint8Array<ArrayBuffer>): ComponentOutline {
  const modules: ModuleOutline[] = [];
  const imports: string[] = [];
  const exports: string[] = [];
  let composed = false;
  for (const { id, contents } of sections(binary)) {
    switch (id) {
      case componentSection.coreModule: {
        const module = readOutline(contents.rest());
        if (module?.kind !== 'module') throw new RangeError('a core module has no known version');
        modules.push(module);
        break;
      }
      case componentSection.component: {
        const inner = readOutline(contents.rest());
        composed ||= inner?.kind === 'component' && (inner.modules.length > 0 || inner.composed);
        break;
      }
      case componentSection.import:
        for (let count = contents.unsigned(); count > 0; count--) {
          imports.push(readExternalName(contents));
          skipExternalType(contents);
        }
        break;
      case componentSection.export:
        for (let count = contents.unsigned(); count > 0; count--) {
          exports.push(readExternalName(contents));
          if (contents.byte() === 0x00) contents.byte(); // a core sort takes two bytes
          contents.unsigned();
          if (contents.byte() === 0x01) skipExternalType(contents);
        }
        break;
    }
  }
  return { kind: 'component', modules, composed, imports, exports };
}

function* sections(
  binary: Uint8Array<ArrayBuffer>,
): Generator<{ readonly id: number; readonly contents: Reader }> {
  const reader = new Reader(binary, 8);
  while (!reader.atEnd()) {
    const id = reader.byte();
    yield { id, contents: new Reader(reader.take(reader.unsigned()), 0) };
  }
}

/** The type of a core import. */
function skipCoreImportType(reader: Reader): void {
  const kind = reader.byte();
  switch (kind) {
    case 0x00: // A function: the index of its type.
      reader.unsigned();
      return;
    case 0x01: // A table: its reference type, perhaps of two parts, and limits.
      if ([0x63, 0x64].includes(reader.byte())) reader.unsigned();
      skipLimits(reader);
      return;
    case 0x02: // A memory.
      skipLimits(reader);
      return;
    case 0x03: // A global: its type and whether it is mutable.
      if ([0x63, 0x64].includes(reader.byte())) reader.unsigned();
      reader.byte();
      return;
    case 0x04: // A tag: an attribute and the index of its type.
      reader.byte();
      reader.unsigned();
      return;
    default:
      throw new RangeError(`core imports of kind ${kind} are unknown`);
  }
}

function skipLimits(reader: Reader): void {
  const flags = reader.byte();
  reader.unsigned();
  if ((flags & 1) !== 0) reader.unsigned();
}

function readExternalName(reader: Reader): string {
  const form = reader.byte();
  if (form > 1) throw new RangeError(`names of form ${form} are unknown`);
  return reader.name();
}

/** The type of an import or export (`externdesc`); type definitions are elsewhere, here are only indices. */
function skipExternalType(reader: Reader): void {
  const sort = reader.byte();
  switch (sort) {
    case 0x00: // A core module: the sort takes two bytes.
      reader.byte();
      reader.unsigned();
      return;
    case 0x01: // A function,
    case 0x04: // a component
    case 0x05: // or an instance of the type with this index.
      reader.unsigned();
      return;
    case 0x03: // A type: equal to another, or a new resource.
      if (reader.byte() === 0x00) reader.unsigned();
      return;
    default:
      throw new RangeError(`imports of sort ${sort} are unknown`);
  }
}

class Reader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  atEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw new RangeError('the binary is truncated');
    return byte;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  take(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#offset;
    this.#offset += length;
    if (this.#offset > this.#bytes.length) throw new RangeError('the binary is truncated');
    return this.#bytes.subarray(start, this.#offset);
  }

  rest(): Uint8Array<ArrayBuffer> {
    return this.take(this.#bytes.length - this.#offset);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }
}
