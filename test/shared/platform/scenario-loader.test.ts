import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { ROOT } from '../../../scripts/source-files.ts';
import type { ScenarioDefinition } from '../../../shared/contracts/scenario.ts';
import { loadScenario } from '../../../shared/platform/scenario-loader.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

let directory = '';

beforeEach(() => {
  directory = temporaryDirectory();
});

/** Loads a file with this text and gives what the check of its shape was given. */
async function load(name: string, text: string): Promise<{ readonly exported: unknown; readonly file: string }> {
  const path = join(directory, name);
  writeFileSync(path, text);
  let seen: { readonly exported: unknown; readonly file: string } | undefined;
  const result = await loadScenario(path, pathToFileURL(`${ROOT}/`), (exported, file) => {
    seen = { exported, file };
    return exported as ScenarioDefinition;
  });
  if (seen === undefined) throw new Error('the shape was not checked');
  expect(result).toBe(seen.exported);
  return seen;
}

test.for([
  ['mine.mjs', `export default { name: 'mine' };`],
  ['mine.js', `export default { name: 'mine' };`],
  ['mine.cjs', `module.exports = { name: 'mine' };`],
  ['compiled.cjs', `module.exports = { default: { name: 'mine' } }; module.exports.__esModule = true;`],
  ['imported.mjs', `import compiled from './other.cjs'; export default compiled;`],
] as const)('the default export of %s is the scenario', { timeout: 20_000 }, async ([name, text]) => {
  writeFileSync(join(directory, 'other.cjs'), `module.exports = { name: 'mine' };`);
  const { exported, file } = await load(name, text);
  expect(exported).toEqual({ name: 'mine' });
  expect(file).toBe(join(directory, name));
});

test('a file without a default export has nothing to show to the check of its shape', async () => {
  const { exported } = await load('mine.mjs', `export const scenario = 3;`);
  expect(exported).toBeUndefined();
});

test.for([
  ['throws', `throw new Error('first\\nsecond');`, 'first'],
  ['throws what is no error', `throw { toString: () => 'odd' };`, 'odd'],
  ['imports what is not there', `import './nowhere.mjs'; export default {};`, /^Cannot find module .*nowhere\.mjs/],
] as const)('a file that %s is an error in one line', async ([, text, complaint]) => {
  const file = join(directory, 'mine.mjs');
  await expect(load('mine.mjs', text)).rejects.toMatchObject({
    ...{ name: 'CkptError', code: 'CKPT_SCENARIO_INVALID', hint: expect.stringContaining('docs/scenarios.md') },
    message: expect.stringMatching(
      new RegExp(
        `^--scenario ${file}: it does not load: ${typeof complaint === 'string' ? `${complaint}$` : complaint.source.slice(1)}`,
      ),
    ),
  });
});

test('what a file throws at its top was thrown there, and not where it is loaded', async () => {
  const loading = load('mine.mjs', `\nthrow new Error('no');`);
  await expect(loading).rejects.toMatchObject({ stack: expect.stringMatching(/^[^\n]*\n {4}at \S*mine\.mjs:2:7\n/) });
});

test('an error of the check is not taken for one of the file', async () => {
  const file = join(directory, 'mine.mjs');
  writeFileSync(file, 'export default 3');
  const refuse = (): never => {
    throw new RangeError('wrong shape');
  };
  await expect(loadScenario(file, pathToFileURL(`${ROOT}/`), refuse)).rejects.toThrow(new RangeError('wrong shape'));
});
