import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { runCommand } from './run-command.ts';
import { sandbox, scenarioText } from './sandbox.ts';

/** Somebody's program: it runs the harness, several times and twice at once, and looks at what that did to it. */
const HOST = `import Module, { createRequire, syncBuiltinESMExports } from 'node:module';

const { register } = Module;
let registered = 0;
Module.register = (...args) => { if (String(args[0]).startsWith('data:')) registered += 1; return register(...args); };
syncBuiltinESMExports();

const { CheckpointTestHarness } = await import(${JSON.stringify(pathToFileURL(join(ROOT, 'dist/harness.js')).href)});
const run = async (scenario) => (await new CheckpointTestHarness({ scenario }).run()).passed;
const codeOf = (work) => work().then(() => 'none', ({ code }) => code);
const look = async () => ({
  resolve: Module._resolveFilename,
  sourceMaps: process.sourceMapsEnabled,
  require: await codeOf(async () => createRequire(import.meta.url).resolve('ckpt-run')),
  import: await codeOf(() => import('ckpt-run')),
  typeScript: await codeOf(() => import("./theirs.ts?" + Math.random())),
});

const before = await look();
const passed = [await run('./mine.mjs'), ...(await Promise.all([run('./mine.cjs'), run('./mine.mjs')])), await run('basic')];
const after = await look();
const same = Object.keys(before).filter((name) => before[name] === after[name]);
passed.push(await run('./mine.ts'));
const last = await look();
console.log(JSON.stringify({ passed, registered, same, last: { ...last, resolve: undefined } }));
`;

test('the harness leaves its host as it was', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioText(''));
  box.write('mine.ts', scenarioText('', 'const typed: number = 1; void typed;'));
  box.write(
    'mine.cjs',
    scenarioText('')
      .replace(/^import .*$/m, `const ckpt = require('ckpt-run');`)
      .replace('export default', 'module.exports ='),
  );
  box.write('theirs.ts', 'enum Theirs { One } export default Theirs;');
  const host = box.write('host.mjs', HOST);
  const options = { cwd: box.directory, env: { TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined } };
  const { stdout, stderr } = await runCommand(process.execPath, [host], options);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    passed: [true, true, true, true, true],
    registered: 1,
    same: ['resolve', 'sourceMaps', 'require', 'import', 'typeScript'],
    last: {
      ...{ sourceMaps: false, require: 'MODULE_NOT_FOUND', import: 'ERR_MODULE_NOT_FOUND' },
      typeScript: expect.stringMatching(
        /^ERR_(?:UNKNOWN_FILE_EXTENSION|UNSUPPORTED_TYPESCRIPT_SYNTAX|INVALID_TYPESCRIPT_SYNTAX)$/,
      ),
    },
  });
});
