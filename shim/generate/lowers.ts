/**
 * Emits the lowers of one package: for each function, a `fast` and perhaps a `slow` JavaScript
 * function with core types, between which and the guest stands a trampoline. They are text made
 * here rather than closures made at run time, so that each call site sees one shape of arguments
 * and nothing is allocated per call.
 */
import type { CoreResult } from '../src/abi/trampolines.ts';
import type { WitFunction, WitInterface, WitType } from '../src/abi/wit.ts';
import { collectDefinitions, isBytes, makeTypeText, valueType } from './interfaces.ts';
import type { Definitions, Packages } from './interfaces.ts';
import {
  flatten,
  flattenParams,
  flattensToMany,
  layout,
  offsets,
  payloadOffset,
} from './layout.ts';
import { camelCase, interfaceName, pascalCase } from './names.ts';

/**
 * Writes the module of one package's lowers.
 *
 * @returns source text that exports `lower<Package>(guest, memory, world)`.
 */
export function emitLowers(packages: Packages, packageName: string): string {
  return new LowersModule(packages, packageName).emit();
}

/** Writes the module that joins all packages' lowers and lists the resource kinds. */
export function emitAllLowers(packages: Packages): string {
  const names = Object.keys(packages);
  const kinds = resourceKinds(packages);
  return `// Made by shim/generate from shim/src/wasi/description.ts. Do not edit.

import type { GuestMemory } from '../abi/guest-memory.ts';
import type { Guest } from '../abi/guest.ts';
import type { Lower } from '../abi/trampolines.ts';
${names.map((name) => `import { lower${pascalCase(name)} } from './lowers-${name}.ts';`).join('\n')}
import type { World } from './world.ts';

/** The WIT name of each resource kind, by its number in the handle table. */
export const resourceKinds: readonly string[] = ${JSON.stringify(kinds)};

/** The names of all interfaces of the command world, without version. */
export const interfaceNames: ReadonlySet<string> = new Set(${JSON.stringify(
    Object.values(packages).flatMap((interfaces) => interfaces.map((wit) => wit.name)),
  )});

/** All lowers for one core module, by interface, \`#\` and function, as in core imports. */
export function lowerAll(guest: Guest, memory: GuestMemory, world: World): Map<string, Lower> {
  return new Map<string, Lower>([
${names.map((name) => `    ...lower${pascalCase(name)}(guest, memory, world),`).join('\n')}
  ]);
}
`;
}

function resourceKinds(packages: Packages): string[] {
  return Object.values(packages).flatMap((interfaces) =>
    interfaces.flatMap((wit) => Object.keys(wit.resources)),
  );
}

/** A function on its way to text. */
interface Target {
  readonly fn: WitFunction;
  /** The name as core modules import it, such as `[method]pollable.ready`. */
  readonly coreName: string;
  /** A unique TypeScript name. */
  readonly id: string;
  readonly receiver: string | undefined;
  /** The expression of the function to call, such as `self.ready`. */
  readonly callee: string;
}

class LowersModule {
  readonly #packages: Packages;
  readonly #packageName: string;
  readonly #definitions: Definitions;
  readonly #kinds: readonly string[];
  readonly #typeText: (type: WitType) => string;
  readonly #usedPackages = new Set<string>();
  /** Helper functions and tables by name, in order of first use. */
  readonly #helpers = new Map<string, string>();
  #temporaries = 0;

  constructor(packages: Packages, packageName: string) {
    this.#packages = packages;
    this.#packageName = packageName;
    this.#definitions = collectDefinitions(packages);
    this.#kinds = resourceKinds(packages);
    this.#typeText = makeTypeText(this.#definitions, (module, name) => {
      this.#usedPackages.add(module);
      return `${module}.${name}`;
    });
  }

  emit(): string {
    const interfaces = this.#packages[this.#packageName] ?? [];
    const functions: string[] = [];
    const entries: string[] = [];
    const hosts: string[] = [];
    for (const wit of interfaces) {
      const host = camelCase(interfaceName(wit.name));
      if (Object.keys(wit.functions).length > 0) {
        hosts.push(`  const ${host} = world['${wit.name}'];`);
      }
      for (const target of targets(wit, host)) {
        this.#temporaries = 0;
        functions.push(this.#emitFunction(target));
        entries.push(this.#entry(wit, target));
      }
      for (const resource of Object.keys(wit.resources)) {
        functions.push(this.#emitDrop(resource));
        entries.push(
          `    ['${wit.name}#[resource-drop]${resource}', { params: ['i32'], result: 'none', fast: drop${pascalCase(resource)}, slow: undefined }],`,
        );
      }
    }
    const body = [
      ...(functions.some((text) => text.includes('handles.'))
        ? ['  const handles = guest.handles;']
        : []),
      ...hosts,
      ...this.#helpers.values(),
      ...functions,
    ].join('\n\n');
    const imported = (keyword: string, names: readonly string[], module: string): string => {
      const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
      return used.length === 0 ? '' : `${keyword} { ${used.join(', ')} } from '${module}';\n`;
    };
    const modules = [...this.#usedPackages].sort();
    return `// Made by shim/generate from shim/src/wasi/description-${this.#packageName}.ts. Do not edit.

${imported('import', ['WitError'], '../abi/errors.ts')}import type { GuestMemory } from '../abi/guest-memory.ts';
${imported('import', ['DONE', 'SLOW'], '../abi/guest.ts')}import type { Guest } from '../abi/guest.ts';
${imported('import', ['caseIndex', 'caseName', 'isSome'], '../abi/lift.ts')}import type { Lower } from '../abi/trampolines.ts';
${modules.map((name) => `import type * as ${name} from './${name}.ts';`).join('\n')}
import type { World } from './world.ts';

/** The lowers of wasi:${this.#packageName}, by interface, \`#\` and function. */
export function lower${pascalCase(this.#packageName)}(guest: Guest, memory: GuestMemory, world: World): [string, Lower][] {
${body}

  return [
${entries.join('\n')}
  ];
}
`;
  }

  #entry(wit: WitInterface, { fn, coreName, id, receiver }: Target): string {
    const params = this.#coreParams(fn, receiver);
    const fast = fn.blocking === 'always' ? 'undefined' : `${id}Fast`;
    const slow = fn.blocking === 'never' ? 'undefined' : `${id}Slow`;
    return `    ['${wit.name}#${coreName}', { params: ${JSON.stringify(params)}, result: '${coreResult(fn)}', fast: ${fast}, slow: ${slow} }],`;
  }

  #coreParams(fn: WitFunction, receiver: string | undefined): string[] {
    const params: string[] = flattenParams(fn.params, receiver !== undefined);
    if (usesReturnPointer(fn)) params.push('i32');
    return params;
  }

  #emitDrop(resource: string): string {
    return `  function drop${pascalCase(resource)}(handle: number): number {
    try {
      handles.drop(handle, ${this.#kind(resource)});
      return DONE;
    } catch (error) {
      return guest.trap(error);
    }
  }`;
  }

  #emitFunction(target: Target): string {
    const { fn, id, receiver, callee } = target;
    const core = this.#coreParams(fn, receiver);
    const pointer = usesReturnPointer(fn) ? 'ret' : undefined;
    const names = core.map((_, index) =>
      pointer !== undefined && index === core.length - 1 ? pointer : `p${index}`,
    );
    const typed = names.map(
      (name, index) => `${name}: ${core[index] === 'i64' ? 'bigint' : 'number'}`,
    );
    const valueWit = valueType(fn);
    const valueText = valueWit === undefined ? 'void' : this.#typeText(valueWit);

    // The call: lifts the parameters and returns what the host returned.
    const flat = names.slice(receiver === undefined ? 0 : 1);
    const args = Object.values(fn.params).map((type) => this.#lift(type, flat));
    if (fn.sink) args.push('memory.sink');
    const returned =
      fn.blocking === 'sometimes'
        ? `${valueText} | Promise<${valueText}>`
        : fn.blocking === 'always'
          ? `Promise<${valueText}>`
          : valueText;
    const callParams = typed.slice(0, pointer === undefined ? undefined : -1).join(', ');
    const callArgs = names.slice(0, pointer === undefined ? undefined : -1).join(', ');
    const receiverLines =
      receiver === undefined
        ? ''
        : `    const self = ${this.#lift({ kind: 'borrow', resource: receiver }, ['p0'])};\n`;
    const call = `  function ${id}Call(${callParams}): ${returned} {
${receiverLines}${fn.sink ? '    memory.sink.reset();\n' : ''}    return ${callee}(${args.join(', ')});
  }`;

    const finish = this.#finish(target, valueWit);
    const fail = this.#fail(fn);
    const check =
      pointer === undefined || fn.result === undefined
        ? ''
        : `      memory.check(${pointer}, ${layout(fn.result).alignment}, ${layout(fn.result).size});\n`;
    const unsignedPointer = pointer === undefined ? '' : `    ${pointer} >>>= 0;\n`;
    const refresh = `if (memory.bytes.length === 0) memory.refresh();`;
    const declareValue = valueWit === undefined ? '' : 'const value = ';
    const coreReturn = fn.result === undefined || pointer !== undefined ? 'none' : coreResult(fn);
    const resultText = coreReturn === 'u64' ? 'bigint' : 'number';

    if (fn.blocking === 'always') {
      return `${call}

  async function ${id}Slow(${typed.join(', ')}): Promise<number> {
    ${refresh}
    try {
      await ${id}Call(${callArgs});
      return DONE;
    } catch (error) {
      return guest.trap(error);
    }
  }`;
    }
    const run = (name: string, prologue: string): string => {
      const body =
        fn.blocking === 'sometimes'
          ? `      const value = ${id}Call(${callArgs});
      if (value instanceof Promise) {
        guest.pending = value;
        return SLOW;
      }
${finish}`
          : `      ${declareValue}${id}Call(${callArgs});\n${finish}`;
      return `  function ${name}(${typed.join(', ')}): ${resultText} {
${prologue}    ${refresh}
${unsignedPointer}    try {
${check}${body}
    } catch (error) {
      return ${fail};
    }
  }`;
    };
    // The fast half checked the pointer unless it gave way to the event loop.
    const slowCheck = check === '' ? '' : `      ${refresh}\n${check}`;
    const yieldFirst = `    if (guest.turnDue()) return SLOW;\n`;
    switch (fn.blocking) {
      case 'never':
        return `${call}\n\n${run(`${id}Fast`, '')}`;
      case 'yields':
        return `${call}

${run(`${id}Now`, '')}

  function ${id}Fast(${typed.join(', ')}): number {
    return guest.turnDue() ? SLOW : ${id}Now(${names.join(', ')});
  }

  async function ${id}Slow(${typed.join(', ')}): Promise<number> {
    await guest.turn();
    return ${id}Now(${names.join(', ')});
  }`;
      case 'sometimes':
        return `${call}

${run(`${id}Fast`, yieldFirst)}

  async function ${id}Slow(${typed.join(', ')}): Promise<number> {
${unsignedPointer}    try {
${slowCheck}      let pending = guest.takePending();
      if (pending === undefined) {
        await guest.turn();
        ${refresh}
        pending = Promise.resolve(${id}Call(${callArgs}));
      }
      // The promise comes from ${id}Call, there or in ${id}Fast.
      ${declareValue}await (pending as Promise<${valueText}>);
      ${refresh}
${finish}
    } catch (error) {
      return ${fail};
    }
  }`;
    }
  }

  /** Statements that turn \`value\` into the core result and return. */
  #finish(target: Target, valueWit: WitType | undefined): string {
    const { fn, receiver } = target;
    if (fn.result === undefined) return '      return DONE;';
    if (!usesReturnPointer(fn)) {
      const type = resolve(fn.result);
      return `      return ${this.#coreValue(type, 'value', parentOf(fn, receiver))};`;
    }
    const lines: string[] = [];
    let offset = 0;
    let ok: WitType | undefined = fn.result;
    if (fn.result.kind === 'result') {
      lines.push('memory.view.setUint8(ret, 0);');
      offset = payloadOffset(fn.result);
      ok = fn.result.ok;
    }
    if (ok !== undefined) {
      if (fn.sink) {
        lines.push(`memory.sink.store(${at('ret', offset)});`);
        if (ok.kind === 'tuple' && valueWit !== undefined) {
          const second = offsets(ok.elements)[1] ?? 0;
          lines.push(...this.#store(valueWit, 'ret', offset + second, 'value', '0'));
        }
      } else if (fn.children === 'of-first' && ok.kind === 'tuple') {
        const starts = offsets(ok.elements);
        ok.elements.forEach((element, index) => {
          if (element.kind !== 'own') throw new Error('of-first is for tuples of resources');
          const kind = this.#kind(element.resource);
          const handle = `handles.add(value[${index}], ${kind}, ${index === 0 ? '0' : 'first'})`;
          const position = at('ret', offset + (starts[index] ?? 0));
          if (index === 0) {
            lines.push(`const first = ${handle};`);
            lines.push(`memory.view.setInt32(${position}, first, true);`);
          } else {
            lines.push(`memory.view.setInt32(${position}, ${handle}, true);`);
          }
        });
      } else {
        lines.push(...this.#store(ok, 'ret', offset, 'value', parentOf(fn, receiver)));
      }
    }
    lines.push('return DONE;');
    return lines.map((line) => `      ${line}`).join('\n');
  }

  /** The expression that handles what the host threw. */
  #fail(fn: WitFunction): string {
    if (fn.result?.kind !== 'result' || fn.result.err === undefined) {
      switch (coreResult(fn)) {
        case 'none':
        case 'i32':
          return 'guest.trap(error)';
        case 's32':
        case 'count':
          return '(guest.trap(error), NaN)';
        case 'u64':
          return '(guest.trapByFlag(error), 0n)';
      }
    }
    const err = fn.result.err;
    if (err.kind !== 'enum' && err.kind !== 'variant') {
      throw new Error('errors are enums or variants');
    }
    const offset = payloadOffset(fn.result);
    const name = `fail${pascalCase(err.name)}${offset}`;
    if (!this.#helpers.has(name)) {
      const store = this.#store(err, 'ret', offset, 'payload', '0').map((line) => `      ${line}`);
      this.#helpers.set(
        name,
        `  function ${name}(error: unknown, ret: number): number {
    if (!(error instanceof WitError)) return guest.trap(error);
    try {
      if (memory.bytes.length === 0) memory.refresh();
      // A host function's WitErrors carry the error type of its result.
      const payload = error.payload as ${this.#typeText(err)};
      memory.view.setUint8(ret, 1);
${store.join('\n')}
      return DONE;
    } catch (failure) {
      return guest.trap(failure);
    }
  }`,
      );
    }
    return `${name}(error, ret)`;
  }

  /** The expression that makes a core value of a host's value. */
  #coreValue(type: WitType, value: string, parent: string): string {
    if (type.kind === 'primitive') {
      if (type.name === 'bool') return `${value} ? 1 : 0`;
      return type.name === 'u64' ? `BigInt.asIntN(64, ${value})` : value;
    }
    if (type.kind === 'count') return value;
    if (type.kind === 'own') {
      return `handles.add(${value}, ${this.#kind(type.resource)}, ${parent})`;
    }
    if (type.kind === 'enum') return `caseIndex(${this.#indices(type)}, ${value})`;
    throw new Error(`a ${type.kind} is no core value`);
  }

  /** Statements that store a value at \`base + offset\`. */
  #store(type: WitType, base: string, offset: number, value: string, parent: string): string[] {
    const position = at(base, offset);
    switch (type.kind) {
      case 'primitive':
        switch (type.name) {
          case 'bool':
            return [`memory.view.setUint8(${position}, ${value} ? 1 : 0);`];
          case 'u8':
            return [`memory.view.setUint8(${position}, ${value});`];
          case 'u16':
            return [`memory.view.setUint16(${position}, ${value}, true);`];
          case 'u32':
            return [`memory.view.setUint32(${position}, ${value}, true);`];
          case 's32':
            return [`memory.view.setInt32(${position}, ${value}, true);`];
          case 'u64':
            return [`memory.view.setBigUint64(${position}, ${value}, true);`];
          case 'string':
            return [`memory.storeString(${position}, ${value});`];
        }
        break;
      case 'count':
        return [`memory.storeCount(${position}, ${value});`];
      case 'alias':
        return this.#store(type.type, base, offset, value, parent);
      case 'list': {
        if (isBytes(type)) return [`memory.storeBytes(${position}, ${value});`];
        const { size, alignment } = layout(type.element);
        const list = this.#temporary('list');
        const pointer = this.#temporary('pointer');
        const item = this.#temporary('item');
        const step = this.#temporary('at');
        return [
          `const ${list} = ${value};`,
          `const ${pointer} = memory.allocate(${alignment}, ${list}.length * ${size});`,
          `let ${step} = ${pointer};`,
          `for (const ${item} of ${list}) {`,
          ...this.#store(type.element, step, 0, item, '0').map((line) => `  ${line}`),
          `  ${step} += ${size};`,
          `}`,
          `memory.storeList(${position}, ${pointer}, ${list}.length);`,
        ];
      }
      case 'tuple': {
        const starts = offsets(type.elements);
        return type.elements.flatMap((element, index) =>
          this.#store(element, base, offset + (starts[index] ?? 0), `${value}[${index}]`, parent),
        );
      }
      case 'option': {
        const some = this.#temporary('some');
        return [
          `const ${some} = ${value};`,
          `if (${some} === undefined) {`,
          `  memory.view.setUint8(${position}, 0);`,
          `} else {`,
          `  memory.view.setUint8(${position}, 1);`,
          ...this.#store(type.some, base, offset + payloadOffset(type), some, parent).map(
            (line) => `  ${line}`,
          ),
          `}`,
        ];
      }
      case 'enum':
        return [`memory.view.setUint8(${position}, caseIndex(${this.#indices(type)}, ${value}));`];
      case 'flags': {
        const { size } = layout(type);
        const setter = size === 1 ? 'setUint8' : size === 2 ? 'setUint16' : 'setUint32';
        return [`memory.view.${setter}(${position}, ${value}${size === 1 ? '' : ', true'});`];
      }
      case 'own':
        return [
          `memory.view.setInt32(${position}, ${this.#coreValue(type, value, parent)}, true);`,
        ];
      case 'record':
      case 'variant':
        return [`${this.#storeHelper(type)}(${position}, ${value});`];
      case 'result':
      case 'borrow':
        throw new Error(`a ${type.kind} inside a result does not occur`);
    }
  }

  #storeHelper(type: Extract<WitType, { kind: 'record' | 'variant' }>): string {
    const name = `store${pascalCase(type.name)}`;
    if (!this.#helpers.has(name)) {
      const lines: string[] = [];
      if (type.kind === 'record') {
        const starts = offsets(Object.values(type.fields));
        Object.entries(type.fields).forEach(([field, fieldType], index) => {
          const value = `value.${camelCase(field)}`;
          lines.push(...this.#store(fieldType, 'at', starts[index] ?? 0, value, '0'));
        });
      } else {
        lines.push('switch (value.tag) {');
        Object.entries(type.cases).forEach(([tag, payload], index) => {
          lines.push(`  case '${tag}':`, `    memory.view.setUint8(at, ${index});`);
          if (payload !== undefined) {
            const stores = this.#store(payload, 'at', payloadOffset(type), 'value.val', '0');
            lines.push(...stores.map((line) => `    ${line}`));
          }
          lines.push('    return;');
        });
        lines.push('}');
      }
      this.#helpers.set(
        name,
        `  function ${name}(at: number, value: ${this.#typeText(type)}): void {
${lines.map((line) => `    ${line}`).join('\n')}
  }`,
      );
    }
    return name;
  }

  /** The expression of a host value; takes its core values from the front of \`flat\`. */
  #lift(type: WitType, flat: string[]): string {
    const take = (): string => {
      const core = flat.shift();
      if (core === undefined) throw new Error('a parameter has too few core values');
      return core;
    };
    switch (type.kind) {
      case 'primitive': {
        const core = take();
        switch (type.name) {
          case 'bool':
            return `${core} !== 0`;
          case 'u8':
            return `${core} & 0xff`;
          case 'u16':
            return `${core} & 0xffff`;
          case 'u32':
            return `${core} >>> 0`;
          case 's32':
            return core;
          case 'u64':
            return `BigInt.asUintN(64, ${core})`;
          case 'string':
            return `memory.loadString(${core}, ${take()})`;
        }
        break;
      }
      case 'count':
        return take();
      case 'alias':
        return this.#lift(type.type, flat);
      case 'list': {
        const pointer = take();
        if (isBytes(type)) return `memory.loadBytes(${pointer}, ${take()})`;
        return `${this.#loadListHelper(type.element)}(${pointer} >>> 0, ${take()} >>> 0)`;
      }
      case 'borrow':
        return this.#borrow(type.resource, take());
      case 'enum':
        return `caseName(${this.#names(type)}, ${take()})`;
      case 'flags':
        return `${take()} & ${2 ** type.names.length - 1}`;
      case 'record': {
        const fields = Object.entries(type.fields).map(
          ([field, fieldType]) => `${camelCase(field)}: ${this.#lift(fieldType, flat)}`,
        );
        return `{ ${fields.join(', ')} }`;
      }
      case 'tuple':
        return `[${type.elements.map((element) => this.#lift(element, flat)).join(', ')}]`;
      case 'option': {
        const discriminant = take();
        return `isSome(${discriminant}) ? ${this.#lift(type.some, flat)} : undefined`;
      }
      case 'result':
        if (type.ok !== undefined || type.err !== undefined) {
          throw new Error('a result parameter that carries values does not occur');
        }
        return `{ tag: caseName(['ok', 'err'], ${take()}) }`;
      case 'variant': {
        const discriminant = take();
        const cores = flatten(type)
          .slice(1)
          .map(() => take());
        return `${this.#liftHelper(type)}(${[discriminant, ...cores].join(', ')})`;
      }
      case 'own':
        throw new Error('a parameter that hands over a resource does not occur');
    }
  }

  #liftHelper(type: Extract<WitType, { kind: 'variant' }>): string {
    const name = `lift${pascalCase(type.name)}`;
    if (!this.#helpers.has(name)) {
      const cores = flatten(type).slice(1);
      const names = cores.map((_, index) => `p${index}`);
      const params = names.map(
        (core, index) => `${core}: ${cores[index] === 'i64' ? 'bigint' : 'number'}`,
      );
      this.#helpers.set(
        name,
        `  function ${name}(${['tag: number', ...params].join(', ')}): ${this.#typeText(type)} {
${this.#switchCases(type, 'tag', (payload) => this.#lift(payload, [...names]))}
  }`,
      );
    }
    return name;
  }

  /** The expression that loads a value from \`base + offset\`. */
  #load(type: WitType, base: string, offset: number): string {
    const position = at(base, offset);
    switch (type.kind) {
      case 'primitive':
        switch (type.name) {
          case 'bool':
            return `memory.view.getUint8(${position}) !== 0`;
          case 'u8':
            return `memory.view.getUint8(${position})`;
          case 'u16':
            return `memory.view.getUint16(${position}, true)`;
          case 'u32':
            return `memory.view.getUint32(${position}, true)`;
          case 's32':
            return `memory.view.getInt32(${position}, true)`;
          case 'u64':
            return `memory.view.getBigUint64(${position}, true)`;
          case 'string':
            return `memory.loadString(${this.#words(base, offset)})`;
        }
        break;
      case 'alias':
        return this.#load(type.type, base, offset);
      case 'list':
        return isBytes(type)
          ? `memory.loadBytes(${this.#words(base, offset)})`
          : `${this.#loadListHelper(type.element)}(${this.#words(base, offset)})`;
      case 'borrow':
        return this.#borrow(type.resource, `memory.view.getInt32(${position}, true)`);
      case 'enum':
        return `caseName(${this.#names(type)}, memory.view.getUint8(${position}))`;
      case 'record': {
        const starts = offsets(Object.values(type.fields));
        const fields = Object.entries(type.fields).map(
          ([field, fieldType], index) =>
            `${camelCase(field)}: ${this.#load(fieldType, base, offset + (starts[index] ?? 0))}`,
        );
        return `{ ${fields.join(', ')} }`;
      }
      case 'tuple': {
        const starts = offsets(type.elements);
        return `[${type.elements
          .map((element, index) => this.#load(element, base, offset + (starts[index] ?? 0)))
          .join(', ')}]`;
      }
      case 'option':
        return `isSome(memory.view.getUint8(${position})) ? ${this.#load(type.some, base, offset + payloadOffset(type))} : undefined`;
      case 'variant':
        return `${this.#loadHelper(type)}(${position})`;
      case 'count':
      case 'flags':
      case 'result':
      case 'own':
        throw new Error(`a ${type.kind} inside a list parameter does not occur`);
    }
  }

  #loadHelper(type: Extract<WitType, { kind: 'variant' }>): string {
    const name = `load${pascalCase(type.name)}`;
    if (!this.#helpers.has(name)) {
      this.#helpers.set(
        name,
        `  function ${name}(at: number): ${this.#typeText(type)} {
${this.#switchCases(type, 'memory.view.getUint8(at)', (payload) => this.#load(payload, 'at', payloadOffset(type)))}
  }`,
      );
    }
    return name;
  }

  #loadListHelper(element: WitType): string {
    const elementName =
      'name' in element ? element.name : 'resource' in element ? element.resource : '';
    const name = `load${pascalCase(elementName)}List`;
    if (!this.#helpers.has(name)) {
      const { size, alignment } = layout(element);
      const text = this.#typeText(element);
      this.#helpers.set(
        name,
        `  function ${name}(pointer: number, length: number): ${text}[] {
    memory.check(pointer, ${alignment}, length * ${size});
    const items: ${text}[] = [];
    for (let at = pointer; at < pointer + length * ${size}; at += ${size}) {
      items.push(${this.#load(element, 'at', 0)});
    }
    return items;
  }`,
      );
    }
    return name;
  }

  #switchCases(
    type: Extract<WitType, { kind: 'variant' }>,
    discriminant: string,
    payloadText: (payload: WitType) => string,
  ): string {
    const tags = Object.keys(type.cases);
    const names = this.#table(`${camelCase(type.name)}Names`, JSON.stringify(tags));
    return [
      `    switch (caseName(${names}, ${discriminant})) {`,
      ...Object.entries(type.cases).flatMap(([tag, payload]) => [
        `      case '${tag}':`,
        payload === undefined
          ? `        return { tag: '${tag}' };`
          : `        return { tag: '${tag}', val: ${payloadText(payload)} };`,
      ]),
      `    }`,
    ].join('\n');
  }

  #borrow(resource: string, handle: string): string {
    const text = this.#typeText({ kind: 'borrow', resource });
    // The table holds objects of this kind only, put there by the lowers.
    return `handles.get(${handle}, ${this.#kind(resource)}) as ${text}`;
  }

  #words(base: string, offset: number): string {
    return `memory.view.getUint32(${at(base, offset)}, true), memory.view.getUint32(${at(base, offset + 4)}, true)`;
  }

  #names(type: Extract<WitType, { kind: 'enum' }>): string {
    return this.#table(`${camelCase(type.name)}Names`, JSON.stringify(type.cases));
  }

  #indices(type: Extract<WitType, { kind: 'enum' }>): string {
    const indices = Object.fromEntries(type.cases.map((name, index) => [name, index]));
    return this.#table(`${camelCase(type.name)}Indices`, JSON.stringify(indices));
  }

  #table(name: string, text: string): string {
    this.#helpers.set(name, `  const ${name} = ${text} as const;`);
    return name;
  }

  #kind(resource: string): number {
    const kind = this.#kinds.indexOf(resource);
    if (kind === -1) throw new Error(`resource ${resource} is not defined`);
    return kind;
  }

  #temporary(name: string): string {
    return `${name}${this.#temporaries++}`;
  }
}

function targets(wit: WitInterface, host: string): Target[] {
  const methods = Object.entries(wit.resources).flatMap(([resource, functions]) =>
    Object.entries(functions).map(([name, fn]) => ({
      fn,
      coreName: `[method]${resource}.${name}`,
      id: camelCase(`${resource}-${name}`),
      receiver: resource,
      callee: `self.${camelCase(name)}`,
    })),
  );
  const interfaceId = wit.name.slice(wit.name.indexOf('/') + 1);
  const functions = Object.entries(wit.functions).map(([name, fn]) => ({
    fn,
    coreName: name,
    id: camelCase(`${interfaceId}-${name}`),
    receiver: undefined,
    callee: `${host}.${camelCase(name)}`,
  }));
  return [...methods, ...functions];
}

/** Whether the result goes through memory: it flattens to more than one core value. */
function usesReturnPointer(fn: WitFunction): boolean {
  return fn.result !== undefined && flattensToMany(fn.result);
}

function coreResult(fn: WitFunction): CoreResult {
  if (fn.result === undefined || usesReturnPointer(fn)) return 'none';
  const type = resolve(fn.result);
  if (type.kind === 'count') return 'count';
  if (type.kind === 'primitive' && type.name === 'u64') return 'u64';
  if (type.kind === 'primitive' && type.name === 's32') return 's32';
  return 'i32';
}

function resolve(type: WitType): WitType {
  return type.kind === 'alias' ? resolve(type.type) : type;
}

function parentOf(fn: WitFunction, receiver: string | undefined): string {
  if (fn.children !== 'of-self') return '0';
  if (receiver === undefined) throw new Error('only methods have children');
  return 'p0';
}

function at(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}
