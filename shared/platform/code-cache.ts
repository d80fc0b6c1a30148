import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { constants, Script } from 'node:vm';

interface Compiled {
  readonly file: string;
  readonly script: Script;
  readonly cachePath: string;
}

/** Compiled CommonJS programs and the files they require, with V8's code cache beside them. */
export interface CodeCache {
  /** Runs a program of this package. */
  run(file: string): void;
  /** Saves what was compiled in this process and was not in the cache. Does nothing where the package cannot be written. */
  save(): void;
}

/**
 * Node 20 compiles every file anew at every start, which is a third of a short run. V8 rejects a cache of another version
 * or of other flags; it is then written anew. Several versions of Node can share a package.
 */
export function openCodeCache(directory: string): CodeCache {
  const cache = join(directory, '.code-cache', `${process.version}-${process.arch}`);
  const loaded = new Map<string, { exports: unknown }>();
  const fresh: Compiled[] = [];

  const load = (file: string): unknown => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const require = createRequire(file);
    const requireCached = (id: string): unknown => (id.startsWith('.') ? load(resolve(dirname(file), id)) : require(id));
    const compiled = compile(file, join(cache, cacheName(file)));
    if (compiled.script.cachedDataRejected !== false) fresh.push(compiled);
    compiled.script.runInThisContext()(module.exports, Object.assign(requireCached, require), module, file, dirname(file));
    return module.exports;
  };

  return {
    run: (file) => void load(join(directory, file)),
    save: () => {
      for (const { script, cachePath } of fresh) saveQuietly(cachePath, script);
    },
  };
}

/** V8 compares only the length of the sources. */
function cacheName(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${basename(file)}-${size}-${Math.floor(mtimeMs)}.bin`;
}

function compile(file: string, cachePath: string): Compiled {
  // The wrapper stands on the first line, so that line numbers stay true.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8').replace(/^#!/, '//')}\n})`;
  const cachedData = readQuietly(cachePath);
  const script = new Script(source, {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  return { file, script, cachePath };
}

function readQuietly(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function saveQuietly(path: string, script: Script): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, script.createCachedData());
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // A package that cannot be written starts slower, and is otherwise the same.
  }
}
