import { DiskError } from '../error.ts';
import type { Disk } from '../disk.ts';
import type { DirectoryInode, FileInode, Inode } from '../inode.ts';
import { readInode } from '../files.ts';
import type { Random } from './random.ts';

/** A file of the model: its bytes. */
class ModelFile {
  bytes = new Uint8Array(0);
}
class ModelSymlink {
  readonly target: string;

  constructor(target: string) {
    this.target = target;
  }
}

type ModelNode = ModelFile | ModelDirectory | ModelSymlink;

class ModelDirectory {
  readonly entries = new Map<string, ModelNode>();
}

const names = ['a', 'b', 'c', 'd', 'é'] as const;
/** Offsets and sizes are drawn around block and limit boundaries, up to this. */
const reach = 100_000;

/**
 * Does random operations on a disk and, for comparison, on a model that knows nothing of pages,
 * inodes or journals. Both must give the same results and errors.
 */
export class Workload {
  #disk: Disk;
  readonly #random: Random;
  readonly #root = new ModelDirectory();
  /** Open handles: a file on the disk and in the model, which may have been unlinked since. */
  readonly #handles: { inode: FileInode; file: ModelFile }[] = [];

  constructor(disk: Disk, random: Random) {
    this.#disk = disk;
    this.#random = random;
  }

  /** One random operation, with both sides' results compared; returns what it was. */
  async step(): Promise<string> {
    const random = this.#random;
    const [diskParent, modelParent, path] = this.#directory();
    const name = random.pick(names);
    const at = `${path}/${name}`;
    const child = modelParent.entries.get(name);
    switch (random.below(13)) {
      case 0:
        return this.#both(
          `create ${at}`,
          () => void this.#disk.createFile(diskParent, name),
          () => add(modelParent, name, new ModelFile()),
        );
      case 1:
        return this.#both(
          `mkdir ${at}`,
          () => void this.#disk.createDirectory(diskParent, name),
          () => add(modelParent, name, new ModelDirectory()),
        );
      case 2:
        return this.#both(
          `symlink ${at}`,
          () => void this.#disk.createSymlink(diskParent, name, `to-${name}`),
          () => add(modelParent, name, new ModelSymlink(`to-${name}`)),
        );
      case 3:
        return this.#both(
          `unlink ${at}`,
          () => this.#disk.unlink(diskParent, name),
          () => {
            if (child === undefined) return 'ENOENT';
            if (child instanceof ModelDirectory) return 'EISDIR';
            modelParent.entries.delete(name);
            return undefined;
          },
        );
      case 4:
        return this.#both(
          `rmdir ${at}`,
          () => this.#disk.removeDirectory(diskParent, name),
          () => {
            if (child === undefined) return 'ENOENT';
            if (!(child instanceof ModelDirectory)) return 'ENOTDIR';
            if (child.entries.size !== 0) return 'ENOTEMPTY';
            modelParent.entries.delete(name);
            return undefined;
          },
        );
      case 5: {
        const [toDisk, toModel, toPath] = this.#directory();
        const toName = random.pick(names);
        return this.#both(
          `rename ${at} ${toPath}/${toName}`,
          () => this.#disk.rename(diskParent, name, toDisk, toName),
          () => renameModel(modelParent, name, toModel, toName),
        );
      }
      case 6: {
        const [toDisk, toModel, toPath] = this.#directory();
        const toName = random.pick(names);
        const inode = diskParent.entries.get(name);
        if (inode === undefined || child === undefined) return 'nothing';
        return this.#both(
          `link ${at} ${toPath}/${toName}`,
          () => this.#disk.link(inode, toDisk, toName),
          () => (child instanceof ModelDirectory ? 'EPERM' : add(toModel, toName, child)),
        );
      }
      case 7: {
        const inode = diskParent.entries.get(name);
        if (inode?.type !== 'file' || !(child instanceof ModelFile)) return 'nothing';
        if (this.#handles.length < 8) {
          this.#disk.acquire(inode);
          this.#handles.push({ inode, file: child });
          return `open ${at}`;
        }
        const [closed] = this.#handles.splice(random.below(this.#handles.length), 1);
        if (closed !== undefined) this.#disk.release(closed.inode);
        return 'close';
      }
      default:
        return this.#data();
    }
  }

  /** Goes on with the disk as it was mounted again, without open handles. */
  remounted(disk: Disk): void {
    this.#disk = disk;
    this.#handles.length = 0;
  }

  /** The whole tree of the model with all contents, as text. */
  describe(): string {
    const lines: string[] = [];
    describeModel(this.#root, '', lines);
    return lines.join('\n');
  }

  async #data(): Promise<string> {
    const random = this.#random;
    if (this.#handles.length === 0) return 'nothing';
    const { inode, file } = random.pick(this.#handles);
    const offset = random.below(3) === 0 ? file.bytes.length : random.below(reach);
    const length = random.below(4) === 0 ? random.below(40_000) : random.below(300);
    const what = `${inode.ino} ${offset} ${length}`;
    switch (random.below(4)) {
      case 0: {
        await this.#disk.truncate(inode, offset);
        const bytes = new Uint8Array(offset);
        bytes.set(file.bytes.subarray(0, offset));
        file.bytes = bytes;
        return `truncate ${what}`;
      }
      case 1: {
        const end = Math.min(offset + length, file.bytes.length);
        if (end <= offset) return 'nothing';
        const read = await readRange(this.#disk, inode, offset, end - offset);
        const expected = file.bytes.subarray(offset, end);
        if (Buffer.compare(read, expected) !== 0) throw new Error(`read ${what} differs`);
        return `read ${what}`;
      }
      default: {
        const bytes = random.bytes(length);
        await this.#disk.write(inode, offset, bytes);
        if (length !== 0) file.bytes = overwrite(file.bytes, offset, bytes);
        return `write ${what}`;
      }
    }
  }

  /** A random directory, on the disk and in the model. */
  #directory(): [DirectoryInode, ModelDirectory, string] {
    let inode = this.#disk.root;
    let model = this.#root;
    let path = '';
    while (this.#random.below(2) === 0) {
      const name = this.#random.pick(names);
      const child = inode.entries.get(name);
      const modelChild = model.entries.get(name);
      if (child?.type !== 'directory' || !(modelChild instanceof ModelDirectory)) break;
      inode = child;
      model = modelChild;
      path += `/${name}`;
    }
    return [inode, model, path];
  }

  #both(what: string, onDisk: () => void, onModel: () => string | undefined): string {
    let code: string | undefined;
    try {
      onDisk();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      code = error.code;
    }
    const expected = onModel();
    if (code !== expected) {
      throw new Error(`${what}: ${String(code)} on the disk, ${String(expected)} in the model`);
    }
    return `${what} ${code ?? ''}`;
  }
}

/** The whole tree of a disk with all contents, as text, in the form of {@link Workload.describe}. */
export async function describeDisk(disk: Disk): Promise<string> {
  const lines: string[] = [];
  await describeInode(disk, disk.root, '', lines, new Map());
  return lines.join('\n');
}

async function readRange(
  disk: Disk,
  file: FileInode,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  if (!disk.isCached(file, offset, length)) return disk.load(file, offset, length);
  const bytes = new Uint8Array(length);
  disk.read(file, offset, bytes);
  return bytes;
}

function add(directory: ModelDirectory, name: string, node: ModelNode): string | undefined {
  if (directory.entries.has(name)) return 'EEXIST';
  directory.entries.set(name, node);
  return undefined;
}

function overwrite(old: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(old.length, offset + bytes.length));
  larger.set(old);
  larger.set(bytes, offset);
  return larger;
}

function renameModel(
  from: ModelDirectory,
  name: string,
  to: ModelDirectory,
  toName: string,
): string | undefined {
  const node = from.entries.get(name);
  const replaced = to.entries.get(toName);
  if (node === undefined) return 'ENOENT';
  if (node === replaced) return undefined;
  if (node instanceof ModelDirectory) {
    if (contains(node, to)) return 'EINVAL';
    if (replaced !== undefined && !(replaced instanceof ModelDirectory)) return 'ENOTDIR';
    if (replaced instanceof ModelDirectory && replaced.entries.size !== 0) return 'ENOTEMPTY';
  } else if (replaced instanceof ModelDirectory) {
    return contains(replaced, from) ? 'ENOTEMPTY' : 'EISDIR';
  }
  from.entries.delete(name);
  to.entries.set(toName, node);
  return undefined;
}

function contains(directory: ModelDirectory, wanted: ModelDirectory): boolean {
  if (directory === wanted) return true;
  return [...directory.entries.values()].some(
    (node) => node instanceof ModelDirectory && contains(node, wanted),
  );
}

function line(path: string, bytes: Uint8Array): string {
  return `${path} ${bytes.length} ${Buffer.from(bytes).toString('base64')}`;
}

function describeModel(node: ModelNode, path: string, lines: string[]): void {
  if (node instanceof ModelSymlink) lines.push(`${path} -> ${node.target}`);
  else if (node instanceof ModelFile) lines.push(line(path, node.bytes));
  else {
    lines.push(`${path}/`);
    for (const name of [...node.entries.keys()].sort()) {
      const child = node.entries.get(name);
      if (child !== undefined) describeModel(child, `${path}/${name}`, lines);
    }
  }
}

async function describeInode(
  disk: Disk,
  inode: Inode,
  path: string,
  lines: string[],
  links: Map<Inode, number>,
): Promise<void> {
  links.set(inode, (links.get(inode) ?? 0) + 1);
  if (inode.type === 'symlink') lines.push(`${path} -> ${inode.target}`);
  else if (inode.type === 'file') lines.push(line(path, await readInode(disk, inode)));
  else {
    lines.push(`${path}/`);
    for (const name of [...inode.entries.keys()].sort()) {
      const child = inode.entries.get(name);
      if (child !== undefined) await describeInode(disk, child, `${path}/${name}`, lines, links);
    }
    if (path === '') checkLinks(links);
  }
}

/** Every inode must count exactly the names that lead to it. */
function checkLinks(links: ReadonlyMap<Inode, number>): void {
  for (const [inode, count] of links) {
    const children = inode.type === 'directory' ? [...inode.entries.values()] : [];
    const expected =
      inode.type === 'directory'
        ? 2 + children.filter((c) => c.type === 'directory').length
        : count;
    if (inode.nlink !== expected) {
      throw new Error(`inode ${inode.ino} counts ${inode.nlink} links and has ${expected}`);
    }
  }
}
