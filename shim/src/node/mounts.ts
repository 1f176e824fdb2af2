import type { Disk } from '../disk/index.ts';
import { listTree, readFile, writeFiles, DiskError } from '../disk/index.ts';

/** A disk in the program's file tree. */
export interface MountedDisk {
  /** Absolute, without a trailing slash but for `/` itself. */
  readonly path: string;
  readonly disk: Disk;
  readonly readOnly: boolean;
}

/** The disks of one node: the one at `/` and those mounted below. */
export class Mounts {
  /** In the order given, `/` first. */
  readonly all: readonly MountedDisk[];

  /** @param all - the one at `/` first */
  constructor(all: readonly MountedDisk[]) {
    this.all = all;
  }

  /** Makes the directories that the disks are mounted on, so that listings show them. */
  async makeMountPoints(): Promise<void> {
    const nothing = new Uint8Array(0);
    for (const { path } of this.all.slice(1)) {
      const { disk, below, readOnly } = this.#find(path.slice(0, path.lastIndexOf('/')) || '/');
      const name = path.slice(path.lastIndexOf('/') + 1);
      // What is read-only must not be changed; the mount is there without its directory.
      if (!readOnly && !disk.readOnly) await writeFiles(disk, { [`${below}/${name}/`]: nothing });
    }
  }

  /** Writes files by absolute guest path, each on the disk it belongs to. */
  async write(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    for (const [path, bytes] of Object.entries(files)) {
      const { disk, below } = this.#find(path);
      await writeFiles(disk, { [below]: bytes });
    }
  }

  /**
   * Reads back files, and directories with all below them, by absolute guest path. What does not
   * exist is left out: a program need not have made what it was expected to make.
   */
  async read(paths: readonly string[]): Promise<(readonly [string, Uint8Array])[]> {
    const found: (readonly [string, Uint8Array])[] = [];
    for (const path of paths) {
      const { disk, below } = this.#find(path);
      let tree;
      try {
        tree = listTree(disk, below);
      } catch (error) {
        if (error instanceof DiskError && error.code === 'ENOENT') continue;
        throw error;
      }
      for (const { path: inside, inode } of tree) {
        const suffix = inside === '' ? '' : `/${inside}`;
        const name = path.replace(/\/$/, '') + suffix;
        if (inode.type === 'file') found.push([name, await readFile(disk, below + suffix)]);
        else if (inode.type === 'directory') found.push([`${name}/`, new Uint8Array(0)]);
      }
    }
    return found;
  }

  /**
   * Writes everything back and gives all disks up.
   *
   * @throws the first failure, after the other disks are closed too
   */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.all.map(({ disk }) => disk.close()));
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  /** The disk that a path is on, and the path from that disk's root, with a leading slash. */
  #find(path: string): MountedDisk & { readonly below: string } {
    let best = this.all[0];
    for (const mount of this.all.slice(1)) {
      const within = path === mount.path || path.startsWith(`${mount.path}/`);
      if (within && mount.path.length > (best?.path.length ?? 0)) best = mount;
    }
    if (best === undefined) throw new Error('a node has a disk at /');
    return { ...best, below: best.path === '/' ? path : path.slice(best.path.length) || '/' };
  }
}
