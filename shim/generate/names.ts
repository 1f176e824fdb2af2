/** From WIT names to TypeScript names. */

const reservedWords = new Set(['in', 'default', 'new', 'function', 'delete', 'enum', 'export']);

/** `keep-alive-count` → `KeepAliveCount`. */
export function pascalCase(witName: string): string {
  return witName
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** `keep-alive-count` → `keepAliveCount`. */
export function camelCase(witName: string): string {
  const pascal = pascalCase(witName);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/** A parameter's name: camelCase, with an underscore after words that TypeScript reserves. */
export function parameterName(witName: string): string {
  const name = camelCase(witName);
  return reservedWords.has(name) ? `${name}_` : name;
}

/** A resource's TypeScript name: PascalCase, except that `Error` would hide the global one. */
export function resourceName(witName: string): string {
  return witName === 'error' ? 'IoError' : pascalCase(witName);
}

/** The name of the TypeScript interface for an interface's free functions. */
export function interfaceName(qualifiedName: string): string {
  return `${pascalCase(qualifiedName.slice(qualifiedName.indexOf('/') + 1))}Interface`;
}
