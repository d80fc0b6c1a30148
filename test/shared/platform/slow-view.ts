import { rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';

/** How long a host believes what it has seen, drawn anew for each thing; milliseconds. */
type Draw = () => number;

/** What a host remembers of one thing. */
interface Memory<T> {
  readonly what: T;
  readonly untilMs: number;
}

/**
 * This machine's disk below `root`, as one host of a network file system sees it: listings, missing names and lengths of files
 * are remembered. `heeds` says whether a refresh makes it forget listings and lengths; missing names it never does.
 */
export function slowView(root: string, draw: Draw, heeds: boolean): Disk {
  const [listings, absent, lengths] = [memory<readonly string[]>(draw), memory<true>(draw), memory<number>(draw)];
  const byName =
    <A extends readonly unknown[], T>(look: (path: string, ...rest: A) => T, otherwise: (path: string) => T) =>
    (path: string, ...rest: A): T => {
      if (!path.startsWith(root)) return look(path, ...rest);
      return absent.recall(path, () => (nodeDisk.kindOf(path) === 'nothing' ? true : undefined)) === true
        ? otherwise(path)
        : look(path, ...rest);
    };
  const changing =
    <A extends readonly unknown[], T>(change: (path: string, ...rest: A) => T) =>
    (path: string, ...rest: A): T => {
      const result = change(path, ...rest);
      for (const each of [absent, lengths]) each.forget(path);
      listings.forget(dirname(path));
      return result;
    };
  const whole = (path: string): string => {
    const text = nodeDisk.readText(path);
    return path.startsWith(root)
      ? text.slice(
          0,
          lengths.recall(path, () => text.length),
        )
      : text;
  };
  const missing = (path: string): never => {
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
  };
  return {
    ...nodeDisk,
    list: (path) => (path.startsWith(root) ? (listings.recall(path, () => nodeDisk.list(path)) ?? []) : nodeDisk.list(path)),
    kindOf: byName(nodeDisk.kindOf, () => 'nothing'),
    sizeOf: byName(
      (path) => lengths.recall(path, () => nodeDisk.sizeOf(path)) ?? 0,
      () => 0,
    ),
    changedAtMs: byName(nodeDisk.changedAtMs, () => undefined),
    readTextIfAny: byName<readonly [], string | undefined>(whole, () => undefined),
    readText: byName(whole, missing),
    resolveLinks: byName(nodeDisk.resolveLinks, () => undefined),
    write: changing(nodeDisk.write),
    create: changing(nodeDisk.create),
    overwrite: changing(nodeDisk.overwrite),
    makeDirectory: changing(nodeDisk.makeDirectory),
    removeFile: changing(nodeDisk.removeFile),
    linkIfFree: (existing, path) => changing((to) => nodeDisk.linkIfFree(existing, to))(path),
    rename: (from, to) => changing(() => changing((path) => nodeDisk.rename(from, path))(to))(from),
    removeTree: (path) => {
      for (const name of listings.recall(path, () => nodeDisk.list(path)) ?? []) nodeDisk.removeTree(join(path, name));
      rmdirSync(path);
    },
    watch: () => undefined,
    fileSystemOf: () => ({ name: 'slow', isLocal: false }),
    refresh: (path) => {
      if (!heeds) return;
      listings.forget(path);
      lengths.forget(path);
    },
  };
}

interface Remembered<T> {
  /** Undefined is not remembered. */
  recall(path: string, look: () => T | undefined): T | undefined;
  forget(path: string): void;
}

function memory<T>(draw: Draw): Remembered<T> {
  const all = new Map<string, Memory<T>>();
  return {
    recall: (path, look) => {
      const old = all.get(path);
      if (old !== undefined && performance.now() < old.untilMs) return old.what;
      const what = look();
      if (what === undefined) all.delete(path);
      else all.set(path, { what, untilMs: performance.now() + draw() });
      return what;
    },
    forget: (path) => void all.delete(path),
  };
}
