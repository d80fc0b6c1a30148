import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/** Third parties in files of their own: a start pays only for parsing those it loads, which saves it 12 ms. */
const VENDORS = ['pino', 'proper-lockfile', 'ws', 'yargs', 'yargs-parser'];

const SHEBANG = '#!/usr/bin/env node';
const CJS_BANNER = `"use strict"; const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;`;

const ESM_BANNER = [
  `import { createRequire as __createRequire } from 'node:module'; import { fileURLToPath as __toPath } from 'node:url';`,
  'const require = __createRequire(import.meta.url), __filename = __toPath(import.meta.url);',
  `const __dirname = __toPath(new URL('.', import.meta.url));`,
].join(' ');

function commonOptions(root: string): BuildOptions {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    external: ['tsx'],
    define: { __CKPT_RUN_VERSION__: JSON.stringify(version) },
    logLevel: 'silent',
  };
}

/** CommonJS starts 9 ms faster than ES modules. */
const commonJs = (root: string): BuildOptions => {
  const options = commonOptions(root);
  return {
    ...options,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { ...options.define, 'import.meta.url': '__importMetaUrl' },
    banner: { js: CJS_BANNER },
  };
};

/** Makes every import of a vendor a require of its file: a dynamic import then does not start Node's ES module loader. */
const vendorsAt = (directory: string): Plugin => ({
  name: 'vendors',
  setup({ onLoad, onResolve }) {
    const filter = new RegExp(`^(${VENDORS.join('|')})$`);
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'vendor', sideEffects: false }));
    onLoad({ filter: /./, namespace: 'vendor' }, ({ path }) => ({
      contents: `module.exports = require('${directory}/${path}.cjs')`,
    }));
    onResolve({ filter: /./, namespace: 'vendor' }, ({ path }) => ({ path, external: true }));
  },
});

/** Ours stay unminified: a stack then names a line worth reading, for less than a millisecond. */
const programs = (root: string): BuildOptions => ({
  ...commonJs(root),
  sourcemap: 'linked',
  plugins: [vendorsAt('./vendor')],
  entryPoints: [
    { in: 'launcher/main.ts', out: 'launcher' },
    { in: 'rank/main.ts', out: 'rank-program' },
  ],
});

/** What is executed: small enough to be compiled at every start. The first two run the programs through the code cache. */
const boots = (root: string): BuildOptions => ({
  ...commonJs(root),
  banner: { js: SHEBANG },
  entryPoints: [
    { in: 'launcher/boot.ts', out: 'ckpt-run' },
    { in: 'rank/boot.ts', out: 'rank' },
    { in: 'shared/platform/heartbeat/watcher.ts', out: 'heartbeat' },
    { in: 'shared/platform/stacks/watched-node.ts', out: 'watched-node' },
  ],
});

const scenarioFiles = (root: string): readonly string[] =>
  ['scenarios', 'scenarios/bugs', 'scenarios/hangs']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.ts'));

const scenarios = (root: string): BuildOptions => ({
  ...commonJs(root),
  sourcemap: 'linked',
  plugins: [vendorsAt('../vendor')],
  entryPoints: scenarioFiles(root).map((path) => ({ in: path, out: `scenarios/${basename(path, '.ts')}` })),
  // Required or imported, the file is the definition itself.
  footer: { js: 'module.exports = module.exports.default;' },
});

const vendors = (root: string): BuildOptions => ({
  ...commonJs(root),
  minifyWhitespace: true,
  minifySyntax: true,
  entryPoints: VENDORS.map((name) => ({ in: name, out: `vendor/${name}` })),
  // Node's own way of importing CommonJS, which the bundles follow, takes module.exports for the default export.
  footer: { js: 'if(module.exports.default)module.exports=Object.assign(module.exports.default,module.exports);' },
});

const doors = (root: string): BuildOptions => ({
  ...commonOptions(root),
  format: 'esm',
  sourcemap: 'linked',
  banner: { js: ESM_BANNER },
  entryPoints: [
    { in: 'rank/public.ts', out: 'public' },
    { in: 'launcher/harness.ts', out: 'harness' },
  ],
});

/** For `require`, which would else warn about an ES module in Node 20 and 22. */
const commonJsDoor = (root: string): BuildOptions => ({
  ...commonJs(root),
  sourcemap: 'linked',
  entryPoints: [{ in: 'rank/public.ts', out: 'public' }],
});

/** Bundles every program, scenario, vendor and door into `outdir`; says what went in. */
export async function buildBundles(root: string, outdir: string): Promise<readonly Metafile[]> {
  const bundles = [programs, boots, scenarios, vendors, doors, commonJsDoor].map((options) =>
    build({ ...options(root), outdir, metafile: true }),
  );
  return (await Promise.all(bundles)).map(({ metafile }) => metafile);
}
