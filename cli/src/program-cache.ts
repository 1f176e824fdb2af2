import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AdaptedProgram } from '../../shim/src/wasi/program.ts';
import { errorCode } from './errors.ts';

/** What has not been used for this long is removed when something new is stored, in ms. */
const unusedFor = 30 * 24 * 3600 * 1000;

const glueFile = 'glue.js';
const modulesDirectory = 'modules';

/**
 * Adapted programs by the hash of what they were made from, each in a directory of its own:
 * `glue.js` and `modules/NAME`.
 */
export class ProgramCache {
  readonly #directory: string;
  readonly #maker: string;

  /**
   * @param directory created when something is stored
   * @param maker what made the programs; another maker finds none of them
   */
  constructor(directory: string, maker: string) {
    this.#directory = directory;
    this.#maker = maker;
  }

  #entry(binary: Uint8Array): string {
    const key = createHash('sha256').update(`${this.#maker}\0`).update(binary).digest('hex');
    return join(this.#directory, key);
  }

  /** What was stored for this program, if anything. */
  load(binary: Uint8Array): AdaptedProgram | undefined {
    const entry = this.#entry(binary);
    try {
      const glue = readFileSync(join(entry, glueFile), 'utf8');
      const modules: Record<string, Uint8Array<ArrayBuffer>> = {};
      for (const name of readdirSync(join(entry, modulesDirectory))) {
        modules[decodeURIComponent(name)] = readFileSync(join(entry, modulesDirectory, name));
      }
      const now = new Date();
      utimesSync(entry, now, now);
      return { kind: 'adapted', glue, modules };
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** Stores a program, whole or not at all, and removes what nobody used for a month. */
  store(binary: Uint8Array, program: AdaptedProgram): void {
    mkdirSync(this.#directory, { recursive: true });
    const draft = mkdtempSync(join(this.#directory, 'draft-'));
    try {
      writeFileSync(join(draft, glueFile), program.glue);
      mkdirSync(join(draft, modulesDirectory));
      for (const [name, bytes] of Object.entries(program.modules)) {
        writeFileSync(join(draft, modulesDirectory, encodeURIComponent(name)), bytes);
      }
      renameSync(draft, this.#entry(binary));
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another run stored the same meanwhile.
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    }
    const oldest = Date.now() - unusedFor;
    for (const name of readdirSync(this.#directory)) {
      const entry = join(this.#directory, name);
      const used = statSync(entry, { throwIfNoEntry: false })?.mtimeMs;
      if (used !== undefined && used < oldest) {
        rmSync(entry, { recursive: true, force: true });
      }
    }
  }
}
