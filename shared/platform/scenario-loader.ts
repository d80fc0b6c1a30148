import Module, { createRequire, register } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CkptError, messageOf } from '../contracts/errors.ts';
import type { ScenarioDefinition } from '../contracts/scenario.ts';

/** Checks what a scenario file exports; throws CKPT_USAGE. */
export type ShapeCheck = (exported: unknown, file: string) => ScenarioDefinition;

/**
 * Loads the scenario that a file's default export defines. JavaScript is loaded as it is, TypeScript through tsx. A file
 * outside any project may import `ckpt-run` all the same: the name then means this package (`packageUrl`, its directory).
 * Throws CKPT_SCENARIO_INVALID for a file that does not load, CKPT_USAGE for one of the wrong shape.
 */
export async function loadScenario(file: string, packageUrl: URL, checkShape: ShapeCheck): Promise<ScenarioDefinition> {
  return checkShape(await importDefault(file, packageUrl), file);
}

async function importDefault(file: string, packageUrl: URL): Promise<unknown> {
  try {
    lendNameToCommonJs(packageUrl);
    if (extname(file) === '.cjs') return defaultOf(createRequire(file)(file));
    const load = plainImport();
    if (isTypeScript(file)) await understandTypeScript(load);
    register(resolutionHooks(packageUrl));
    return defaultOf(await load(pathToFileURL(file).href));
  } catch (thrown) {
    throw new CkptError(`--scenario ${file}: it does not load: ${inOneLine(thrown)}`, {
      code: 'CKPT_SCENARIO_INVALID',
      hint: 'Run the file by itself to see the whole error; docs/scenarios.md shows a scenario file.',
      cause: thrown,
    });
  }
}

type Import = (specifier: string) => Promise<unknown>;

/**
 * `import()` as Node's own loader compiles it: in a program that came out of V8's code cache, Node no longer knows whose
 * import it is and refuses.
 */
function plainImport(): Import {
  const carrier = new Module('import') as Module & { readonly _compile: (code: string, filename: string) => void };
  carrier._compile('module.exports = (specifier) => import(specifier);', fileURLToPath(import.meta.url));
  return carrier.exports as Import;
}

const defaultOf = (loaded: unknown): unknown => {
  const exported = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
  const isWrapped = typeof exported === 'object' && exported !== null && 'default' in exported && !('name' in exported);
  return isWrapped ? exported.default : exported;
};

/** What `node --import` needs to understand TypeScript. */
export const tsxLoaderUrl = (packageUrl: URL): string => pathToFileURL(createRequire(packageUrl).resolve('tsx')).href;

/** tsx's cache would stay in the temporary directory. */
async function understandTypeScript(load: Import): Promise<void> {
  const before = process.env['TSX_DISABLE_CACHE'];
  process.env['TSX_DISABLE_CACHE'] = '1';
  try {
    ((await load('tsx/esm/api')) as typeof import('tsx/esm/api')).register();
  } finally {
    if (before === undefined) delete process.env['TSX_DISABLE_CACHE'];
    else process.env['TSX_DISABLE_CACHE'] = before;
  }
}

/** What was thrown; esbuild says what is wrong, and where, only in its second line. */
function inOneLine(thrown: unknown): string {
  const [first = '', second = ''] = messageOf(thrown).split('\n');
  return first.endsWith(':') ? `${first} ${second}`.trim() : first.replace(/\.$/, '');
}

const isTypeScript = (file: string): boolean => /^\.[cm]?tsx?$/.test(extname(file));

type Resolve = (request: string, ...context: readonly unknown[]) => string;

/** What {@link resolutionHooks} does, for `require`, to which those hooks do not apply. */
function lendNameToCommonJs(packageUrl: URL): void {
  const loader = Module as typeof Module & { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  const here = new Module('ckpt-run');
  here.filename = fileURLToPath(new URL('package.json', packageUrl));
  loader._resolveFilename = (request, ...context) => {
    try {
      return resolve(request, ...context);
    } catch (error) {
      if (!/^ckpt-run(\/|$)/.test(request)) throw error;
      return resolve(request, here, false);
    }
  };
}

/**
 * A scenario is an ES module even where no package.json says so, and where `ckpt-run` cannot be resolved from its own
 * directory, it is resolved from here.
 */
function resolutionHooks(packageUrl: URL): string {
  const anchor = JSON.stringify(new URL('package.json', packageUrl).href);
  const hooks = `export async function resolve(specifier, context, next) {
    const found = await next(specifier, context).catch((error) => {
      if (!/^ckpt-run(\\/|$)/.test(specifier)) throw error;
      return next(specifier, { ...context, parentURL: ${anchor} });
    });
    return /\\.ts(\\?|$)/.test(found.url) ? { ...found, format: 'module' } : found;
  }`;
  return `data:text/javascript,${encodeURIComponent(hooks)}`;
}
