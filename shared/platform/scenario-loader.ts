import Module, { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CkptError, messageOf } from '../contracts/errors.ts';
import type { ScenarioDefinition } from '../contracts/scenario.ts';
import { holdScenarioHooks, type Import, type ScenarioHooks } from './scenario-hooks.ts';

/** Checks what a scenario file exports; throws CKPT_USAGE. */
export type ShapeCheck = (exported: unknown, file: string) => ScenarioDefinition;

/**
 * Loads the scenario that a file's default export defines. JavaScript is loaded as it is, TypeScript through tsx. A file
 * outside any project may import `ckpt-run` all the same: the name then means this package (`packageUrl`, its directory).
 * What the scenario imports later is understood in the same way.
 * Throws CKPT_SCENARIO_INVALID for a file that does not load, CKPT_USAGE for one of the wrong shape.
 */
export async function loadScenario(file: string, packageUrl: URL, checkShape: ShapeCheck): Promise<ScenarioDefinition> {
  return checkShape(await importDefault(file, holdScenarioHooks(packageUrl)), file);
}

/** The same in a process that will not run the scenario, and may be somebody else's: afterwards the process is as it was. */
export async function inspectScenario(file: string, packageUrl: URL, checkShape: ShapeCheck): Promise<ScenarioDefinition> {
  const hooks = holdScenarioHooks(packageUrl);
  try {
    return checkShape(await importDefault(file, hooks), file);
  } finally {
    await hooks.release();
  }
}

async function importDefault(file: string, hooks: ScenarioHooks): Promise<unknown> {
  try {
    if (extname(file) === '.cjs') return defaultOf(createRequire(file)(file));
    const load = plainImport();
    if (isTypeScript(file)) await hooks.understandTypeScript(load);
    hooks.understandModules();
    return defaultOf(await load(pathToFileURL(file).href));
  } catch (thrown) {
    throw new CkptError(`--scenario ${file}: it does not load: ${inOneLine(thrown)}`, {
      code: 'CKPT_SCENARIO_INVALID',
      hint: 'Run the file by itself to see the whole error; docs/scenarios.md shows a scenario file.',
      cause: thrown,
    });
  }
}

/**
 * `import()` as Node's own loader compiles it: in a program that came out of V8's code cache, Node no longer knows whose
 * import it is and refuses.
 */
function plainImport(): Import {
  const carrier = new Module('import') as Module & { readonly _compile: (code: string, filename: string) => void };
  carrier._compile('module.exports = (specifier) => import(specifier);', fileURLToPath(import.meta.url));
  return carrier.exports as Import;
}

/** Of an ES module the default export, which it may lack; of CommonJS all that is exported. */
const defaultOf = (loaded: unknown): unknown => {
  if (isModule(loaded) && !('default' in loaded)) return undefined;
  const exported = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
  const isWrapped = typeof exported === 'object' && exported !== null && 'default' in exported && !('name' in exported);
  return isWrapped ? exported.default : exported;
};

const isModule = (loaded: unknown): loaded is object =>
  typeof loaded === 'object' && loaded !== null && Reflect.get(loaded, Symbol.toStringTag) === 'Module';

/** What `node --import` needs to understand TypeScript. */
export const tsxLoaderUrl = (packageUrl: URL): string => pathToFileURL(createRequire(packageUrl).resolve('tsx')).href;

/** What was thrown; esbuild says what is wrong, and where, only in its second line. */
function inOneLine(thrown: unknown): string {
  const [first = '', second = ''] = messageOf(thrown).split('\n');
  return first.endsWith(':') ? `${first} ${second}`.trim() : first.replace(/\.$/, '');
}

const isTypeScript = (file: string): boolean => /^\.[cm]?tsx?$/.test(extname(file));
