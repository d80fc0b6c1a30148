import Module, { register } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What this process understands while somebody holds it. */
export interface ScenarioHooks {
  /** Before a module is imported. */
  understandModules(): void;
  understandTypeScript(load: Import): Promise<void>;
  /** The last to release takes out all that can be taken out. */
  release(): Promise<void>;
}

/** A dynamic import. */
export type Import = (specifier: string) => Promise<unknown>;

// Node has one loader a process, whoever uses it: what is installed there can only be remembered a process.

/** How many hold the hooks. Shared with the loader's thread: what is registered there stays, and does nothing without holders. */
const holders = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const registered = new Set<string>();
let returnCommonJs: (() => void) | undefined;
let typeScript: Promise<() => Promise<void>> | undefined;

/**
 * Lets this process load scenario files: each hook is installed once, however many hold it. A file outside any project may
 * import `ckpt-run`; the name then means the package in `packageUrl`.
 */
export function holdScenarioHooks(packageUrl: URL): ScenarioHooks {
  Atomics.add(holders, 0, 1);
  returnCommonJs ??= lendNameToCommonJs(packageUrl);
  return {
    understandModules: () => registerOnce(packageUrl.href, resolutionHooks(packageUrl)),
    understandTypeScript: async (load) => {
      typeScript ??= registerTypeScript(load);
      await typeScript;
    },
    release: async () => {
      if (Atomics.sub(holders, 0, 1) === 1) await takeOut();
    },
  };
}

async function takeOut(): Promise<void> {
  returnCommonJs?.();
  const compiler = typeScript;
  [returnCommonJs, typeScript] = [undefined, undefined];
  // Where it could not be installed, the load has said why.
  const unregister = await compiler?.catch(() => undefined);
  await unregister?.();
}

function registerOnce(name: string, hooks: string): void {
  if (registered.has(name)) return;
  registered.add(name);
  register(hooks, { data: holders });
}

/** tsx's cache would stay in the temporary directory. */
async function registerTypeScript(load: Import): Promise<() => Promise<void>> {
  const before = process.env['TSX_DISABLE_CACHE'];
  process.env['TSX_DISABLE_CACHE'] = '1';
  try {
    return ((await load('tsx/esm/api')) as typeof import('tsx/esm/api')).register();
  } finally {
    if (before === undefined) delete process.env['TSX_DISABLE_CACHE'];
    else process.env['TSX_DISABLE_CACHE'] = before;
  }
}

type Resolve = (request: string, ...context: readonly unknown[]) => string;

/** What {@link resolutionHooks} does, for `require`, to which those hooks do not apply. Returns what undoes it. */
function lendNameToCommonJs(packageUrl: URL): () => void {
  const loader = Module as typeof Module & { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  const here = new Module('ckpt-run');
  here.filename = fileURLToPath(new URL('package.json', packageUrl));
  const lent: Resolve = (request, ...context) => {
    try {
      return resolve(request, ...context);
    } catch (error) {
      if (Atomics.load(holders, 0) === 0 || !/^ckpt-run(\/|$)/.test(request)) throw error;
      return resolve(request, here, false);
    }
  };
  loader._resolveFilename = lent;
  return () => {
    // Somebody who has put his own over it meanwhile keeps it; ours then does nothing.
    if (loader._resolveFilename === lent) loader._resolveFilename = resolve;
  };
}

/**
 * A scenario is an ES module even where no package.json says so, and where `ckpt-run` cannot be resolved from its own
 * directory, it is resolved from here.
 */
function resolutionHooks(packageUrl: URL): string {
  const anchor = JSON.stringify(new URL('package.json', packageUrl).href);
  const hooks = `let holders;
  export const initialize = (shared) => { holders = shared; };
  export async function resolve(specifier, context, next) {
    if (Atomics.load(holders, 0) === 0) return next(specifier, context);
    const found = await next(specifier, context).catch((error) => {
      if (!/^ckpt-run(\\/|$)/.test(specifier)) throw error;
      return next(specifier, { ...context, parentURL: ${anchor} });
    });
    return /\\.ts(\\?|$)/.test(found.url) ? { ...found, format: 'module' } : found;
  }`;
  return `data:text/javascript,${encodeURIComponent(hooks)}`;
}
