// biome-ignore format: a list
import {
  accessSync, chmodSync, closeSync, constants, fstatSync, fsync, linkSync, lstatSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, readSync,
  realpathSync, renameSync, rmdirSync, statfsSync, statSync, watch, writeSync,
} from 'node:fs';
import { makeDirectory, removeTree, unlink } from './directory-trees.ts';
import { type FileSystemType, fileSystemType } from './file-system-type.ts';
import { unless } from './system-error.ts';

export { codeOf } from './system-error.ts';

/** What stands at a path, symbolic links not followed. */
export type EntryKind = 'nothing' | 'file' | 'directory' | 'other';

/** What the system says to a wish to use a path. */
export type Access = 'granted' | 'refused' | 'nothing-there';

/** A file that only grows. */
export interface AppendOnlyFile {
  /** For a child process to write to. */
  readonly descriptor: number;
  append(content: string | Uint8Array): void;
  /** Its bytes, whoever appended them. */
  size(): number;
  close(): void;
}

/**
 * The only way to the file system. Synchronous, because a barrier made of synchronous calls is six times faster than one
 * made of promises. Throws Node's errors (ENOENT, ENOSPC, …) except where a method says otherwise.
 */
export interface Disk {
  readText(path: string): string;
  /** Undefined where there is nothing. */
  readTextIfAny(path: string): string | undefined;
  readBytes(path: string): Buffer;
  /** At most so many bytes from its end. */
  readEnd(path: string, bytes: number): Buffer;
  /** At most so many bytes from a place within it. */
  readAt(path: string, position: number, bytes: number): Buffer;
  /** Creates or replaces. */
  write(path: string, content: string | Uint8Array): void;
  /** Throws EEXIST where the name is taken, be it by a link. */
  create(path: string, content: string | Uint8Array): void;
  /** Over the beginning of a file that is there; what the file has beyond the content stays. */
  overwrite(path: string, content: string): void;
  /** What is appended for other hosts is on its way to them when append() returns; else it need only be seen on this one. */
  openAppend(path: string, readers?: 'for-other-hosts'): AppendOnlyFile;
  /** False when the name is taken. */
  linkIfFree(existing: string, path: string): boolean;
  /** False when it was there already; parents are made too. */
  makeDirectory(path: string): boolean;
  /** A new empty directory, mode 0700, whose path starts with `prefix`. */
  makeTemporaryDirectory(prefix: string): string;
  /** Names in it, in no order; empty where there is nothing. */
  list(path: string): readonly string[];
  kindOf(path: string): EntryKind;
  sizeOf(path: string): number;
  /** When it was changed last, by the wall clock of its file system; undefined where there is nothing. */
  changedAtMs(path: string): number | undefined;
  /** The path with every symbolic link followed; undefined where there is nothing. */
  resolveLinks(path: string): string | undefined;
  /** What a symbolic link says; undefined where there is none. */
  readLink(path: string): string | undefined;
  /** Has a network file system forget what it remembers of a file or a directory, as far as this process may. */
  refresh(path: string): void;
  /** What a path that exists is on. */
  fileSystemOf(path: string): FileSystemType;
  /** Bytes that this process can still write below a path; 0 where there is nothing. */
  freeBytes(path: string): number;
  /** Who owns what a path leads to, and its permission bits; undefined where there is nothing. */
  ownerOf(path: string): { readonly uid: number; readonly mode: number } | undefined;
  /** Whether this process may make and remove names in a directory. */
  isWritable(directory: string): boolean;
  /** Whether this process may read what stands at a path, or execute it as a file; links are followed. */
  access(path: string, use: 'read' | 'execute'): Access;
  rename(from: string, to: string): void;
  /** A file, if it is there. */
  removeFile(path: string): void;
  /** A directory if it is there and empty; says whether it is gone. */
  removeEmptyDirectory(path: string): boolean;
  /** A whole tree, if it is there; links in it are removed and not followed. */
  removeTree(path: string): void;
  /** Makes files, and the names in directories, durable; all at once, because the file system then commits them together. */
  sync(paths: readonly string[]): Promise<void>;
  /**
   * Calls back when names in the directory change, with the name where it is known; undefined where the system cannot say so.
   * Never keeps a process alive.
   */
  watch(path: string, onChange: (name: string | null) => void): { close(): void } | undefined;
}

function access(path: string, use: 'read' | 'execute'): Access {
  const ask = (): Access => {
    accessSync(path, use === 'read' ? constants.R_OK : constants.X_OK);
    return use === 'read' || statSync(path).isFile() ? 'granted' : 'refused';
  };
  return unless(['EACCES', 'EPERM', 'EROFS'], 'refused', () =>
    unless(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'], 'nothing-there', ask),
  );
}

function writeAll(descriptor: number, content: string | Uint8Array): void {
  // A string that the system takes whole, and that is nearly every one, needs no buffer of ours.
  let written = typeof content === 'string' ? writeSync(descriptor, content) : 0;
  if (typeof content === 'string' && written === Buffer.byteLength(content)) return;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}

const fsyncDescriptor = (descriptor: number): Promise<void> =>
  new Promise((resolve, reject) => fsync(descriptor, (error) => (error === null ? resolve() : reject(error))));

/** Waits for all, even where one fails: a descriptor that is closed meanwhile would be another file's by then. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function withOpen<T>(path: string, flags: string, work: (descriptor: number) => T): T {
  const descriptor = openSync(path, flags);
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The real file system. */
export const nodeDisk: Disk = {
  readText: (path) => readFileSync(path, 'utf8'),
  readTextIfAny: (path) => unless(['ENOENT', 'ENOTDIR', 'ESTALE'], undefined, () => readFileSync(path, 'utf8')),
  readBytes: (path) => readFileSync(path),
  readEnd: (path, bytes) =>
    withOpen(path, 'r', (descriptor) => {
      const size = fstatSync(descriptor).size;
      const end = Buffer.alloc(Math.min(size, bytes));
      return end.subarray(0, readSync(descriptor, end, 0, end.length, size - end.length));
    }),
  readAt: (path, position, bytes) =>
    withOpen(path, 'r', (descriptor) => {
      const read = Buffer.alloc(bytes);
      return read.subarray(0, readSync(descriptor, read, 0, bytes, position));
    }),
  write: (path, content) => withOpen(path, 'w', (descriptor) => writeAll(descriptor, content)),
  create: (path, content) => withOpen(path, 'wx', (descriptor) => writeAll(descriptor, content)),
  overwrite: (path, content) => withOpen(path, 'r+', (descriptor) => writeAll(descriptor, content)),
  openAppend: (path, readers) => {
    const descriptor = openSync(path, readers === undefined ? 'a' : 'as');
    return {
      descriptor,
      append: (content) => writeAll(descriptor, content),
      size: () => fstatSync(descriptor).size,
      close: () => closeSync(descriptor),
    };
  },
  linkIfFree: (existing, path) =>
    unless(['EEXIST'], false, () => {
      linkSync(existing, path);
      return true;
    }),
  makeDirectory,
  makeTemporaryDirectory: (prefix) => mkdtempSync(prefix),
  list: (path) => unless(['ENOENT'], [], () => readdirSync(path)),
  kindOf: (path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'nothing';
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'directory' : 'other';
  },
  sizeOf: (path) => lstatSync(path, { throwIfNoEntry: false })?.size ?? 0,
  changedAtMs: (path) => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs,
  resolveLinks: (path) => unless(['ENOENT', 'ENOTDIR'], undefined, () => realpathSync(path)),
  readLink: (path) => unless(['ENOENT', 'ENOTDIR', 'EINVAL', 'EACCES'], undefined, () => readlinkSync(path)),
  // A change of mode to what it is changes nothing else, and the answer says what the server has now.
  refresh: (path) =>
    unless(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ESTALE', 'ENOSYS', 'ENOTSUP'], undefined, () => {
      const { mode } = lstatSync(path);
      if ((mode & constants.S_IFMT) !== constants.S_IFLNK) chmodSync(path, mode & 0o7777);
    }),
  fileSystemOf: (path) => fileSystemType(statfsSync(path).type),
  freeBytes: (path) =>
    unless(['ENOENT', 'ENOTDIR', 'EACCES'], 0, () => {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    }),
  ownerOf: (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found && { uid: found.uid, mode: found.mode & 0o7777 };
  },
  isWritable: (directory) =>
    unless(['EACCES', 'EROFS', 'EPERM'], false, () => {
      accessSync(directory, constants.W_OK | constants.X_OK);
      return true;
    }),
  access,
  rename: renameSync,
  removeFile: unlink,
  removeEmptyDirectory: (path) =>
    unless(['ENOTEMPTY', 'EEXIST'], false, () => {
      unless(['ENOENT'], undefined, () => rmdirSync(path));
      return true;
    }),
  removeTree,
  sync: async (paths) => {
    const descriptors: number[] = [];
    try {
      for (const path of paths) descriptors.push(openSync(path, 'r'));
      await allSettled(descriptors.map(fsyncDescriptor));
    } finally {
      descriptors.forEach(closeSync);
    }
  },
  watch: (path, onChange) =>
    unless(['EMFILE', 'ENOSPC', 'ENOSYS', 'ENOTSUP', 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'], undefined, () => {
      const watcher = watch(path, { persistent: false }, (_kind, name) => onChange(name));
      watcher.on('error', () => watcher.close());
      return watcher;
    }),
};
