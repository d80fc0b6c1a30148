import { lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { unless } from './system-error.ts';

/** A file, if it is there. */
export const unlink = (path: string): void => unless(['ENOENT'], undefined, () => unlinkSync(path));

/** Node 20's own recursive removal looks at every entry three times. */
export function removeTree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) removeDirectory(path);
  else unlink(path);
}

function removeDirectory(path: string): void {
  for (const entry of unless(['ENOENT'], [], () => readdirSync(path, { withFileTypes: true }))) {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory()) removeDirectory(child);
    else unlink(child);
  }
  unless(['ENOENT'], undefined, () => rmdirSync(path));
}

/** Node's own recursive mkdir never returns where a directory exists that nothing can be made in, as /proc. */
export function makeDirectory(path: string): boolean {
  return unless(['EEXIST'], false, () => {
    const isMade = unless(['ENOENT'], false, () => mkdirSync(path) === undefined);
    if (isMade) return true;
    if (lstatSync(dirname(path), { throwIfNoEntry: false }) === undefined) makeDirectory(dirname(path));
    mkdirSync(path);
    return true;
  });
}
