/** Emits the TypeScript interfaces that host objects implement, one module per package. */
import type { WitFunction, WitInterface, WitType } from '../src/abi/wit.ts';
import { camelCase, interfaceName, parameterName, pascalCase, resourceName } from './names.ts';

/** All packages of the description: interfaces by package name. */
export type Packages = Readonly<Record<string, readonly WitInterface[]>>;

/** Where each resource and named type is defined. */
export interface Definitions {
  readonly resources: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<WitType, string>;
}

/**
 * Writes the module of one package.
 *
 * @param packages - the whole description.
 * @param packageName - which package to write.
 * @returns the module's source text.
 */
export function emitInterfaces(packages: Packages, packageName: string): string {
  const interfaces = packages[packageName] ?? [];
  const definitions = collectDefinitions(packages);
  const imports = new Map<string, Set<string>>();
  const reference = (module: string, name: string): string => {
    if (module !== packageName) {
      const names = imports.get(module) ?? new Set();
      names.add(name);
      imports.set(module, names);
    }
    return name;
  };
  const typeText = makeTypeText(definitions, reference);
  const usesSink = interfaces.some((wit) =>
    [wit.functions, ...Object.values(wit.resources)].some((functions) =>
      Object.values(functions).some((fn) => fn.sink),
    ),
  );
  const signature = (fn: WitFunction, name: string): string => {
    const params = Object.entries(fn.params).map(
      ([param, type]) => `${parameterName(param)}: ${typeText(type)}`,
    );
    if (fn.sink) params.push('sink: ByteSink');
    return `${camelCase(name)}(${params.join(', ')}): ${returnText(fn, typeText)};`;
  };
  const documented = (fn: WitFunction, name: string): string =>
    `  /** \`${name}: ${witSignature(fn)}\`${blockingNote(fn)} */\n  ${signature(fn, name)}`;

  const body: string[] = [];
  for (const wit of interfaces) {
    body.push(`// ${wit.name}`);
    for (const type of wit.types) body.push(definitionText(type, typeText));
    for (const [name, methods] of Object.entries(wit.resources)) {
      const lines = Object.entries(methods).map(([method, fn]) => documented(fn, method));
      lines.push('  /** Called when the guest drops its handle. */\n  [Symbol.dispose]?(): void;');
      body.push(
        `/** Resource \`${name}\` of \`${wit.name}\`. */\nexport interface ${resourceName(name)} {\n${lines.join('\n')}\n}`,
      );
    }
    const functions = Object.entries(wit.functions);
    if (functions.length > 0) {
      const lines = functions.map(([name, fn]) => documented(fn, name));
      body.push(
        `/** The functions of \`${wit.name}\`. */\nexport interface ${interfaceName(wit.name)} {\n${lines.join('\n')}\n}`,
      );
    }
  }
  const record = interfaces
    .filter((wit) => Object.keys(wit.functions).length > 0)
    .map((wit) => `  readonly '${wit.name}': ${interfaceName(wit.name)};`);
  body.push(
    `/** The interfaces of this package that have functions, by name. */\nexport interface ${pascalCase(packageName)}Interfaces {\n${record.join('\n')}\n}`,
  );

  const importLines = [...imports]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(
      ([module, names]) => `import type { ${[...names].sort().join(', ')} } from './${module}.ts';`,
    );
  if (usesSink) importLines.unshift(`import type { ByteSink } from '../abi/byte-sink.ts';`);
  return [
    `// Made by shim/generate from shim/src/wasi/description-${packageName}.ts. Do not edit.`,
    importLines.join('\n'),
    ...body,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** Writes the module that joins the packages' records into the whole world. */
export function emitWorld(packages: Packages): string {
  const names = Object.keys(packages);
  const imports = names.map(
    (name) => `import type { ${pascalCase(name)}Interfaces } from './${name}.ts';`,
  );
  return `// Made by shim/generate from shim/src/wasi/description.ts. Do not edit.

${imports.join('\n')}

/** Every interface with functions of the command world, by name without version. */
export interface World
  extends ${names.map((name) => `${pascalCase(name)}Interfaces`).join(',\n    ')} {}
`;
}

/** Finds out which package defines what. */
export function collectDefinitions(packages: Packages): Definitions {
  const resources = new Map<string, string>();
  const types = new Map<WitType, string>();
  for (const [packageName, interfaces] of Object.entries(packages)) {
    for (const wit of interfaces) {
      for (const resource of Object.keys(wit.resources)) {
        if (resources.has(resource)) throw new Error(`resource ${resource} is defined twice`);
        resources.set(resource, packageName);
      }
      for (const type of wit.types) types.set(type, packageName);
    }
  }
  return { resources, types };
}

/**
 * Makes the function that writes a type.
 *
 * @param reference - called for each named type used; returns how to refer to it.
 */
export function makeTypeText(
  definitions: Definitions,
  reference: (module: string, name: string) => string,
): (type: WitType) => string {
  const named = (type: WitType, name: string): string => {
    const module = definitions.types.get(type);
    if (module === undefined) throw new Error(`type ${name} is used but not defined`);
    return reference(module, pascalCase(name));
  };
  const typeText = (type: WitType): string => {
    switch (type.kind) {
      case 'primitive':
        if (type.name === 'bool') return 'boolean';
        if (type.name === 'string') return 'string';
        return type.name === 'u64' ? 'bigint' : 'number';
      case 'count':
        return 'number';
      case 'list':
        return isBytes(type) ? 'Uint8Array' : `readonly ${bracketed(typeText(type.element))}[]`;
      case 'tuple':
        return `readonly [${type.elements.map(typeText).join(', ')}]`;
      case 'option':
        return `${typeText(type.some)} | undefined`;
      case 'result':
        if (type.ok !== undefined || type.err !== undefined) {
          throw new Error('a result that carries values occurs only as the result of a function');
        }
        return `{ readonly tag: 'ok' } | { readonly tag: 'err' }`;
      case 'own':
      case 'borrow': {
        const module = definitions.resources.get(type.resource);
        if (module === undefined) throw new Error(`resource ${type.resource} is not defined`);
        return reference(module, resourceName(type.resource));
      }
      case 'alias':
      case 'record':
      case 'variant':
      case 'enum':
      case 'flags':
        return named(type, type.name);
    }
  };
  return typeText;
}

function bracketed(text: string): string {
  return text.includes(' ') ? `(${text})` : text;
}

/** Whether a type is `list<u8>`, which is a Uint8Array everywhere. */
export function isBytes(type: WitType): boolean {
  return type.kind === 'list' && type.element.kind === 'primitive' && type.element.name === 'u8';
}

function definitionText(type: WitType, typeText: (type: WitType) => string): string {
  switch (type.kind) {
    case 'alias':
      return `/** \`${type.name}\`: ${witType(type.type)}. */\nexport type ${pascalCase(type.name)} = ${typeText(type.type)};`;
    case 'record': {
      const fields = Object.entries(type.fields).map(
        ([name, field]) => `  readonly ${camelCase(name)}: ${typeText(field)};`,
      );
      return `/** Record \`${type.name}\`. */\nexport interface ${pascalCase(type.name)} {\n${fields.join('\n')}\n}`;
    }
    case 'variant': {
      const cases = Object.entries(type.cases).map(([name, payload]) =>
        payload === undefined
          ? `  | { readonly tag: '${name}' }`
          : `  | { readonly tag: '${name}'; readonly val: ${typeText(payload)} }`,
      );
      return `/** Variant \`${type.name}\`. */\nexport type ${pascalCase(type.name)} =\n${cases.join('\n')};`;
    }
    case 'enum':
      return `/** Enum \`${type.name}\`. */\nexport type ${pascalCase(type.name)} =\n${type.cases.map((name) => `  | '${name}'`).join('\n')};`;
    case 'flags': {
      const bits = type.names.map((name, bit) => `  ${camelCase(name)}: ${1 << bit},`);
      const name = pascalCase(type.name);
      return `/** Flags \`${type.name}\`: a bit mask of the constants of the same name. */\nexport type ${name} = number;\nexport const ${name} = {\n${bits.join('\n')}\n} as const;`;
    }
    case 'primitive':
    case 'count':
    case 'list':
    case 'tuple':
    case 'option':
    case 'result':
    case 'own':
    case 'borrow':
      throw new Error(`a ${type.kind} has no name of its own`);
  }
}

/** The type a host function returns, in the conventions of results, sinks and promises. */
function returnText(fn: WitFunction, typeText: (type: WitType) => string): string {
  const type = valueType(fn);
  const text = type === undefined ? 'void' : typeText(type);
  if (fn.blocking === 'sometimes') return `${text} | Promise<${text}>`;
  return fn.blocking === 'always' ? `Promise<${text}>` : text;
}

/** What a host function returns as a value: without the error case and what goes into the sink. */
export function valueType(fn: WitFunction): WitType | undefined {
  const ok = fn.result?.kind === 'result' ? fn.result.ok : fn.result;
  if (!fn.sink || ok === undefined) return ok;
  if (isBytes(ok)) return undefined;
  if (
    ok.kind === 'tuple' &&
    ok.elements.length === 2 &&
    ok.elements[0] &&
    isBytes(ok.elements[0])
  ) {
    return ok.elements[1];
  }
  throw new Error('a sink serves list<u8> or a pair that starts with one');
}

function blockingNote(fn: WitFunction): string {
  switch (fn.blocking) {
    case 'never':
    case 'yields':
      return '';
    case 'sometimes':
      return '; a promise suspends the guest.';
    case 'always':
      return '; suspends the guest.';
  }
}

/** The signature as WIT writes it, without `self`. */
export function witSignature(fn: WitFunction): string {
  const params = Object.entries(fn.params).map(([name, type]) => `${name}: ${witType(type)}`);
  const text = `func(${params.join(', ')})`;
  return fn.result === undefined ? text : `${text} -> ${witType(fn.result)}`;
}

function witType(type: WitType): string {
  switch (type.kind) {
    case 'primitive':
      return type.name;
    case 'count':
      return 'u64';
    case 'list':
      return `list<${witType(type.element)}>`;
    case 'tuple':
      return `tuple<${type.elements.map(witType).join(', ')}>`;
    case 'option':
      return `option<${witType(type.some)}>`;
    case 'result': {
      if (type.err !== undefined) {
        return `result<${type.ok === undefined ? '_' : witType(type.ok)}, ${witType(type.err)}>`;
      }
      return type.ok === undefined ? 'result' : `result<${witType(type.ok)}>`;
    }
    case 'own':
      return type.resource;
    case 'borrow':
      return `borrow<${type.resource}>`;
    case 'alias':
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return type.name;
  }
}
