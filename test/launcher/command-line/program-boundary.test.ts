import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OptionName } from '../../../launcher/command-line/option-table.ts';
import { readCommandLine, wantsJson } from '../../../launcher/command-line/options.ts';
import '../../property-seed.ts';

type Environment = Readonly<Record<string, string>>;

const read = (args: readonly string[], environment: Environment = {}): ReturnType<typeof readCommandLine> =>
  readCommandLine(args, environment);

const textOf = (option: OptionName, args: readonly string[]): string | undefined => read(args).given(option)?.text;

const refusal = (args: readonly string[], environment?: Environment): unknown => {
  try {
    return void read(args, environment);
  } catch (thrown) {
    return thrown;
  }
};

describe('the first word that is no option is the program', () => {
  test.for([
    ['behind a flag', ['--standalone', 'true', '-q'], ['true', '-q']],
    ['behind the letter of a flag', ['-m', 'false', '--', '-m'], ['false', '--', '-m']],
    ['behind a value', ['--nproc_per_node', '2', 'train.py', '--nproc_per_node', '3'], ['train.py', '--nproc_per_node', '3']],
    ['behind a letter and its value', ['-r', '3', '-t0:1,1:2', 'train.py'], ['train.py']],
    [
      'whatever follows',
      ['train.py', '--frobnicate', '--lr=a"b"', '-r', ''],
      ['train.py', '--frobnicate', '--lr=a"b"', '-r', ''],
    ],
    ['even where it is a command, behind --', ['--nproc_per_node=2', '--', 'scenarios'], ['scenarios']],
    ['with the second --', ['--', 'sh', '-c', 'echo $@', 'x', '--', 'y'], ['sh', '-c', 'echo $@', 'x', '--', 'y']],
    ['with a -- of its own', ['sh', '--', 'y'], ['sh', '--', 'y']],
    ['even where it begins with a dash, behind --', ['--', '--quiet'], ['--quiet']],
  ] as const)('%s', ([, args, positionals]) => expect(read(args)).toMatchObject({ command: 'run', positionals }));

  test('and nothing behind it is an option of ours', () => {
    const line = read(['--nproc=2', 'train.py', '--max-restarts=3', '--quiet', '--help', '--log-format=json']);
    const options = [line.given('nproc-per-node')?.text, line.given('max-restarts'), line.isSet('quiet'), line.isSet('help')];
    expect(options).toEqual(['2', undefined, false, false]);
    expect(wantsJson(['train.py', '--log-format=json'], {})).toBe(false);
  });

  test('any words behind it are left as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (args) => {
        expect(read(['--nproc_per_node=2', 'train.py', ...args]).positionals).toEqual(['train.py', ...args]);
        expect(read(['--nproc_per_node=2', '--', ...args]).positionals).toEqual(args);
      }),
    );
  });
});

test.for([
  ['-r3', 'redirects', '3'],
  ['-r=3', 'redirects', '3'],
  ['-t0:1,10:2', 'tee', '0:1,10:2'],
  ['-mt3', 'tee', '3'],
] as const)('%s gives a letter its value', ([word, option, text]) => expect(textOf(option, [word, 'program'])).toBe(text));

describe('what is asked of the other kind of run is refused', () => {
  test('a scenario option where a program is launched', () => {
    const message = '--num-steps: given with the program train.py, expected a scenario run';
    expect(refusal(['--num_steps=5', 'train.py'])).toMatchObject({ code: 'CKPT_USAGE', message });
    expect(refusal(['train.py', '--num_steps=5'], { CKPT_RUN_NUM_STEPS: '5' })).toBeUndefined();
  });

  test('an option of a launch where there is no program', () => {
    const message = '--max-restarts: given without a program, expected one behind the options';
    expect(refusal(['--max_restarts=5'])).toMatchObject({ code: 'CKPT_USAGE', message });
    expect(refusal(['--max_restarts=5', '--'])).toMatchObject({ code: 'CKPT_USAGE', message });
    expect(refusal([], { PET_MAX_RESTARTS: '5', PET_NNODES: '2:3' })).toBeUndefined();
  });
});
