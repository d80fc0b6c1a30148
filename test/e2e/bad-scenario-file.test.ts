import { expect, test } from 'vitest';
import { FAULT_KINDS } from '../../shared/contracts/fault.ts';
import { expectRefusal } from './refusal.ts';
import { sandbox, scenarioText } from './sandbox.ts';

/** A scenario file by its text, and what is said about it; FILE is its path. */
const BAD_FILES: readonly { readonly what: string; readonly name?: string; readonly text: string; readonly sentence: string }[] =
  [
    { what: 'no JavaScript', text: 'export default {', sentence: '--scenario FILE: it does not load: Unexpected end of input' },
    {
      what: 'no TypeScript',
      name: 'bad.ts',
      text: 'export default {\n  name: = 3\n}',
      sentence: '--scenario FILE: it does not load: Transform failed with 1 error: FILE:2:8: ERROR: Unexpected "="',
    },
    {
      what: 'an import of what is not there',
      text: `import 'no-such-package';`,
      sentence: `--scenario FILE: it does not load: Cannot find package 'no-such-package' imported from FILE`,
    },
    {
      what: 'a require of what is not there',
      name: 'bad.cjs',
      text: `require('no-such-package');`,
      sentence: `--scenario FILE: it does not load: Cannot find module 'no-such-package'`,
    },
    {
      what: 'an import of what ckpt-run does not have',
      text: `import { CheckpointTestHarness } from 'ckpt-run';`,
      sentence: `--scenario FILE: it does not load: The requested module 'ckpt-run' does not provide an export named 'CheckpointTestHarness'`,
    },
    { what: 'a throw', text: `throw new Error('not today.')`, sentence: '--scenario FILE: it does not load: not today' },
    { what: 'a throw of what is no error', text: 'throw undefined', sentence: '--scenario FILE: it does not load: undefined' },
    {
      what: 'no default export',
      text: 'export const scenario = {};',
      sentence: '--scenario FILE: its default export is undefined, expected a scenario',
    },
    {
      what: 'a function',
      text: 'export default () => ({})',
      sentence: '--scenario FILE: its default export is a function, expected a scenario',
    },
    { what: 'a list', text: 'export default []', sentence: '--scenario FILE: its default export is [], expected a scenario' },
    {
      what: 'an unknown field',
      text: scenarioText('saveLimit: 3,'),
      sentence: '--scenario FILE: saveLimit: there is no such field',
    },
    {
      what: 'a name that is a path',
      text: scenarioText(`name: '../up',`),
      sentence: '--scenario FILE: name: got "../up", expected lower-case letters, digits and dashes, at most 60',
    },
    {
      what: 'a number as text',
      text: scenarioText(`numSteps: '100',`),
      sentence: '--scenario FILE: numSteps: got "100", expected a positive whole number',
    },
    {
      what: 'a metric that is no function',
      text: scenarioText('metric: 3,'),
      sentence: '--scenario FILE: metric: got 3, expected a function',
    },
    {
      what: 'a mode of its own',
      text: scenarioText(`mode: 'median',`),
      sentence: '--scenario FILE: mode: got "median", expected min or max',
    },
    {
      what: 'an unknown fault',
      text: scenarioText(`faults: [{ kind: 'explode', rank: 0, step: 25 }],`),
      sentence: `--scenario FILE: faults[0].kind: got "explode", expected ${FAULT_KINDS.join(' or ')}`,
    },
    {
      what: 'a fault without its rank',
      text: scenarioText(`faults: [{ kind: 'kill', step: 25 }],`),
      sentence: '--scenario FILE: faults[0].rank: missing, expected a whole number, 0 or more',
    },
    {
      what: 'an expectation of its own',
      text: scenarioText('expect: { divergance: true },'),
      sentence: '--scenario FILE: expect.divergance: there is no such field',
    },
    {
      what: 'callbacks that throw when they are made',
      text: scenarioText(`callbacks: () => { throw new Error('no GPU'); },`),
      sentence: 'scenario mine: callbacks() throws: no GPU',
    },
    {
      what: 'callbacks that are no list',
      text: scenarioText('callbacks: () => undefined,'),
      sentence: 'scenario mine: callbacks() returns undefined, expected an array',
    },
    {
      what: 'the class in place of the callback',
      text: scenarioText('callbacks: () => [ckpt.DivergenceDetector],'),
      sentence: 'scenario mine: callbacks()[0] is a function, expected an object',
    },
    {
      what: 'a spike and a detector that does not say so',
      text: scenarioText('numSteps: 150, injectSpikeAtStep: 75, callbacks: () => [{ onEvaluate: () => undefined }],'),
      sentence: '--inject-spike-at-step 75: scenario mine has no divergence detector that could see it',
    },
    {
      what: 'a fault for a rank that is not there',
      text: scenarioText(`faults: [{ kind: 'kill', rank: 2, step: 25 }],`),
      sentence: '--nproc-per-node 2: scenario mine needs at least 3 ranks',
    },
    {
      what: 'more ranks needed than there are',
      text: scenarioText('minWorldSize: 4,'),
      sentence: '--nproc-per-node 2: scenario mine needs at least 4 ranks',
    },
    {
      what: 'an end of the process',
      text: 'process.exit(0)',
      sentence: 'the scenario file ended this process, or waits for what never comes',
    },
    {
      what: 'an await that never settles',
      text: 'await new Promise(() => undefined); export default {}',
      sentence: 'the scenario file ended this process, or waits for what never comes',
    },
  ];

test.for(BAD_FILES)('$what in a scenario file is refused in one line', async ({ name = 'bad.mjs', text, sentence }) => {
  const box = sandbox();
  const file = box.write(name, text);
  const args = ['--nproc-per-node=2', '--scenario', file, '--output-dir=out'];
  await expectRefusal(box, { args, sentence: sentence.replaceAll('FILE', file) });
});

test.for([
  ['an unknown name, with the nearest', 'spkie', 'there is no such scenario (did you mean spike?)'],
  ['a name like no other', 'resume-after-crash', 'there is no such scenario'],
  ['a file that is not there', './mine.mjs', 'there is no such file'],
  ['a file that is no program', './mine.yaml', 'expected a file that ends in .ts, .mts, .cts, .js, .mjs or .cjs'],
  ['a file below a file', 'package.json/x.ts', 'there is no such file'],
] as const)('%s is refused in one line', async ([, given, complaint]) => {
  const box = sandbox();
  box.write('package.json', '{}');
  await expectRefusal(box, { args: ['--scenario', given], sentence: `--scenario ${given}: ${complaint}` });
});

test('the refusal of an unknown scenario lists those that there are', async () => {
  const { stderr } = await sandbox().run(['--scenario=none-of-these']);
  expect(stderr).toMatch(/Choose one of basic, .*bug-no-trim, .*spike, all, or a scenario file\.\n$/);
});
