import { basename, dirname, join, resolve } from 'node:path';
import type { Disk } from './disk.ts';
import type { Platform } from './platform.ts';
import { codeOf } from './system-error.ts';

/**
 * The same platform, which sees what other hosts do below a directory. Network file systems remember for up to a minute which
 * names a directory has, which it has not, and how long a file is, and tell nobody when that changes. So directories and files
 * are refreshed before they are looked at, no file is asked for by a name that no listing has shown, and nothing is watched.
 * Where the file system is local the platform is the same.
 */
export function withFreshView<P extends Pick<Platform, 'disk'>>(platform: P, directory: string): P {
  const { disk } = platform;
  const { existing, rest } = parts(disk, resolve(directory), '');
  return disk.fileSystemOf(existing).isLocal ? platform : { ...platform, disk: freshDisk(disk, join(existing, rest)) };
}

/** The part of a path that is there, links followed, and what is to be made below it. */
function parts(disk: Disk, path: string, rest: string): { readonly existing: string; readonly rest: string } {
  const existing = disk.resolveLinks(path) ?? (dirname(path) === path ? path : undefined);
  return existing === undefined ? parts(disk, dirname(path), join(basename(path), rest)) : { existing, rest };
}

/** A disk that trusts no memory of what is below `root`. */
export function freshDisk(disk: Disk, root: string): Disk {
  const isBelow = (path: string): boolean => path.startsWith(`${root}/`);
  const list = (path: string): readonly string[] => {
    if (path === root || isBelow(path)) disk.refresh(path);
    return disk.list(path);
  };
  /** Whether a name may be asked for: who asks for one that is missing is told for a minute that it is. */
  const isListed = (path: string): boolean => !isBelow(path) || list(dirname(path)).includes(basename(path));
  const onceListed =
    <T>(look: (path: string) => T, otherwise: T) =>
    (path: string): T => {
      if (!isListed(path)) return otherwise;
      if (isBelow(path)) disk.refresh(path);
      return look(path);
    };
  const refreshed = (path: string): string => {
    if (isBelow(path)) disk.refresh(path);
    return path;
  };
  /** What a server says to a wish for a name that is taken, some protocols cannot express: SFTP has one word for all failures. */
  const unlessTaken = <T>(path: string, work: () => T, otherwise: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      if (!isBelow(path) || codeOf(thrown) === 'EEXIST' || !isListed(path)) throw thrown;
      return otherwise();
    }
  };
  const makeDirectory = (path: string): boolean =>
    unlessTaken(
      path,
      () => {
        // Of two that make what is above it one is refused, in words that say nothing.
        if (isBelow(dirname(path)) && !isListed(dirname(path))) makeDirectory(dirname(path));
        return disk.makeDirectory(path);
      },
      () => false,
    );
  const removeTree = (path: string): void => {
    if (disk.kindOf(path) === 'directory') {
      for (const name of list(path)) removeTree(join(path, name));
      disk.removeEmptyDirectory(path);
    } else disk.removeFile(path);
  };
  return {
    ...disk,
    list,
    makeDirectory,
    removeTree: (path) => (isBelow(path) ? removeTree(path) : disk.removeTree(path)),
    linkIfFree: (existing, path) =>
      unlessTaken(
        path,
        () => disk.linkIfFree(existing, path),
        () => false,
      ),
    create: (path, content) =>
      unlessTaken(
        path,
        () => disk.create(path, content),
        () => {
          throw Object.assign(new Error(`EEXIST: file already exists, open '${path}'`), { code: 'EEXIST' });
        },
      ),
    removeEmptyDirectory: (path) => (isBelow(path) && list(path).length > 0 ? false : disk.removeEmptyDirectory(path)),
    kindOf: onceListed(disk.kindOf, 'nothing'),
    sizeOf: onceListed(disk.sizeOf, 0),
    changedAtMs: onceListed(disk.changedAtMs, undefined),
    readTextIfAny: onceListed(disk.readTextIfAny, undefined),
    readText: (path) => disk.readText(refreshed(path)),
    readBytes: (path) => disk.readBytes(refreshed(path)),
    readEnd: (path, bytes) => disk.readEnd(refreshed(path), bytes),
    readAt: (path, position, bytes) => disk.readAt(refreshed(path), position, bytes),
    openAppend: (path) => disk.openAppend(path, isBelow(path) ? 'for-other-hosts' : undefined),
    watch: (path, onChange) => (isBelow(path) ? undefined : disk.watch(path, onChange)),
  };
}
