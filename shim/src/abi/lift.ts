/** Small steps of lifting that the generated lowers share. */
import { Trap } from './errors.ts';

/** The discriminant of an option; anything but 0 and 1 traps. */
export function isSome(discriminant: number): boolean {
  if (discriminant >>> 0 > 1) throw new Trap(`${discriminant >>> 0} is no case of an option`);
  return discriminant === 1;
}

/** The case of an enum, or a variant's tag; an unknown discriminant traps. */
export function caseName<Name extends string>(names: readonly Name[], discriminant: number): Name {
  const name = names[discriminant >>> 0];
  if (name === undefined) throw new Trap(`${discriminant >>> 0} is no case of ${names.join('|')}`);
  return name;
}

/** The discriminant of an enum's case that the host returned. */
export function caseIndex(indices: Readonly<Record<string, number>>, name: string): number {
  const index = indices[name];
  if (index === undefined) throw new Error(`the host returned the unknown case ${name}`);
  return index;
}
