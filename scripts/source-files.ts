import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file and what is in it. */
export interface SourceFile {
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

/** The directory of package.json. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The files below some folders whose names end with one of the endings; a folder that is not there has none. */
export const filesUnder = (folders: readonly string[], endings: readonly string[]): readonly SourceFile[] =>
  folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
