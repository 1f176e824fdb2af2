import { readFileSync } from 'node:fs';
import type { Progress } from './client/progress.ts';
import { errorCode, messageOf, ToolError } from './errors.ts';
import type { ProgramForm } from './protocol.ts';

/** A program as a page can load it. */
export interface PreparedProgram {
  form: ProgramForm;
  bytes: Uint8Array;
}

export function prepareProgram(path: string, _progress: Progress): Promise<PreparedProgram> {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new ToolError(`${path}: ${why}`);
  }
  return Promise.resolve({ form: 'component', bytes });
}
