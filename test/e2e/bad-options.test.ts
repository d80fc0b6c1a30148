import { expect, test } from 'vitest';
import { expectRefusal, type Refusal } from './refusal.ts';
import { sandbox } from './sandbox.ts';

const OTHERS: readonly Refusal[] = [
  {
    what: 'an unknown option, with the nearest',
    args: ['--num-step5=3'],
    sentence: '--num-step5: there is no such option (did you mean --num-steps?)',
  },
  { what: 'an unknown option like none', args: ['--frobnicate'], sentence: '--frobnicate: there is no such option' },
  { what: 'an unknown letter', args: ['-x'], sentence: '-x: there is no such option' },
  {
    what: 'the name of something that every object has',
    args: ['--constructor'],
    sentence: '--constructor: there is no such option',
  },
  { what: 'an option without a name', args: ['--=5'], sentence: '--=5: there is no such option' },
  { what: 'a negated flag', args: ['--no-quiet'], sentence: '--no-quiet: there is no such option (did you mean --quiet?)' },
  { what: 'an ambiguous prefix', args: ['--nu=2'], sentence: '--nu: ambiguous, it could be --numa-binding or --num-steps' },
  { what: 'a missing value at the end', args: ['--num-steps'], sentence: '--num-steps: a value is missing' },
  { what: 'a missing value before an option', args: ['--num-steps', '--quiet'], sentence: '--num-steps: a value is missing' },
  { what: 'an empty value', args: ['--output-dir='], sentence: '--output-dir: a value is missing' },
  { what: 'a repeated option', args: ['--seed=1', '--seed', '2'], sentence: '--seed: given 2 times, expected once' },
  {
    what: 'an option repeated in two spellings',
    args: ['--num_steps=50', '--num-steps=60'],
    sentence: '--num-steps: given 2 times, expected once',
  },
  { what: 'a value for a flag', args: ['--quiet=loud'], sentence: '--quiet: got "loud", expected true, false or no value' },
  { what: 'an unknown log format', args: ['--log-format=xml'], sentence: '--log-format: got "xml", expected text or json' },
  {
    what: 'contradicting flags',
    args: ['--keep-outputs', '--discard-outputs'],
    sentence: '--keep-outputs and --discard-outputs: given together, expected one of them',
  },
  {
    what: 'a word behind a subcommand',
    args: ['scenarios', 'foo'],
    sentence: 'ckpt-run scenarios: got foo, expected nothing that is about a run',
  },
  {
    what: 'an option of a run behind a subcommand',
    args: ['scenarios', '--num-steps', '5'],
    sentence: 'ckpt-run scenarios: got --num-steps, expected nothing that is about a run',
  },
  {
    what: "a scenario's option with a program",
    args: ['--num-steps=5', 'sh'],
    sentence: '--num-steps: given with the program sh, expected a scenario run',
  },
  {
    what: 'an option of a launch without a program',
    args: ['--max_restarts=3'],
    sentence: '--max-restarts: given without a program, expected one behind the options',
  },
  {
    what: 'an option of torchrun that means nothing here',
    args: ['--run-path', 'train.py'],
    sentence: '--run-path: the launcher is no Python that could run it, expected the program alone, or -m and a module',
  },
  {
    what: 'nothing to save',
    args: ['--scenario=basic', '--save-interval=101'],
    sentence: '--save-interval 101: scenario basic has 100 steps, so nothing would ever be saved or verified',
  },
  {
    what: 'a spike that is seen too late',
    args: ['--scenario=spike', '--inject-spike-at-step=140'],
    sentence:
      '--inject-spike-at-step 140: with 150 steps and an evaluation every 25 the detector sees 5 evaluations before and 1 after it, expected at least 1 and 2',
  },
  {
    what: 'a spike that begins too early',
    args: ['--scenario=spike', '--inject-spike-at-step=25'],
    sentence:
      '--inject-spike-at-step 25: with 150 steps and an evaluation every 25 the detector sees 0 evaluations before and 6 after it, expected at least 1 and 2',
  },
  {
    what: 'a spike without a detector',
    args: ['--scenario=basic', '--inject-spike-at-step=50'],
    sentence: '--inject-spike-at-step 50: scenario basic has no divergence detector that could see it',
  },
  {
    what: "a report in a directory's place",
    args: ['--report=tmp'],
    sentence: '--report tmp: it is a directory, expected a file',
  },
  {
    what: 'a report in place of a device',
    args: ['--report=/dev/null'],
    sentence: '--report /dev/null: it is a device, a pipe or a broken link, expected a file',
  },
];

test.for(OTHERS)('$what is refused in one line', (refusal) => expectRefusal(sandbox(), refusal));

test('a report where there is no directory is refused with the directory', async () => {
  const box = sandbox();
  await expectRefusal(box, {
    args: ['--report=no/where.json'],
    sentence: `--report no/where.json: there is no directory ${box.directory}/no`,
  });
});

test('a value from the environment is refused under the name of its variable', async () => {
  const box = sandbox();
  await expectRefusal(
    box,
    { args: [], sentence: 'CKPT_RUN_NUM_STEPS: got "many", expected a whole number' },
    { CKPT_RUN_NUM_STEPS: 'many' },
  );
  await expectRefusal(box, { args: [], sentence: 'CKPT_RUN_QUIET: got "yes", expected 1 or 0' }, { CKPT_RUN_QUIET: 'yes' });
});

test('contradicting variables are refused under their names, and an option overrules one of them', async () => {
  const box = sandbox();
  const both = { CKPT_RUN_KEEP_OUTPUTS: '1', CKPT_RUN_DISCARD_OUTPUTS: '1' };
  const sentence = 'CKPT_RUN_KEEP_OUTPUTS and CKPT_RUN_DISCARD_OUTPUTS: given together, expected one of them';
  await expectRefusal(box, { args: [], sentence }, both);
  const { code } = await box.run(['--scenario=basic', '--discard-outputs'], { env: { CKPT_RUN_KEEP_OUTPUTS: '1' } });
  expect({ code, leftovers: box.leftovers() }).toEqual({ code: 0, leftovers: [] });
});

test('control characters in what was given are escaped, and it stays one line', async () => {
  await expectRefusal(sandbox(), {
    args: ['--scenario=\u001b[31mred\nline'],
    sentence: '--scenario \\x1b[31mred\\nline: there is no such scenario',
  });
});

test('a temporary directory that cannot be written is refused', async () => {
  const box = sandbox();
  const { code, stdout, stderr } = await box.run(['--scenario=basic'], { env: { TMPDIR: '/proc/nowhere' } });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^ckpt-run: TMPDIR=\/proc\/nowhere: ENOENT.*, expected a directory that can be written\. Set TMPDIR .*\n$/,
  );
});
