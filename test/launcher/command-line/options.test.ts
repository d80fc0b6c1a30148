import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPTION_NAMES, type OptionName, rowOf } from '../../../launcher/command-line/option-table.ts';
import { readCommandLine, wantsJson } from '../../../launcher/command-line/options.ts';
import '../../property-seed.ts';

type Environment = Readonly<Record<string, string>>;

const read = (args: readonly string[], environment: Environment = {}): ReturnType<typeof readCommandLine> =>
  readCommandLine(args, environment);

const textOf = (option: OptionName, args: readonly string[], environment?: Environment): string | undefined =>
  read(args, environment).given(option)?.text;

const refusal = (args: readonly string[], environment?: Environment): unknown => {
  try {
    const line = read(args, environment);
    for (const name of OPTION_NAMES) line.given(name);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
};

describe('an option', () => {
  test.for([
    ['with dashes', ['--nproc-per-node=2']],
    ['with underscores', ['--nproc_per_node=2']],
    ['with both', ['--nproc_per-node=2']],
    ['apart from its value', ['--nproc_per_node', '2']],
    ['as a unique prefix', ['--np=2']],
    ['as a unique prefix in underscores', ['--nproc_per', '2']],
  ] as const)('is understood %s', ([, args]) => expect(textOf('nproc-per-node', args)).toBe('2'));

  test('is ambiguous as a prefix of several, which are named', () => {
    const message = '--sa: ambiguous, it could be --save-interval or --save-total-limit';
    expect(refusal(['--sa=1'])).toMatchObject({ code: 'CKPT_USAGE', message });
  });

  test('keeps everything behind its first equals sign', () => {
    expect(textOf('output-dir', ['--output-dir=/a=b/--c_d'])).toBe('/a=b/--c_d');
  });

  test('takes a negative number for its value', () => expect(textOf('num-steps', ['--num-steps', '-5'])).toBe('-5'));

  test('is not taken from what every object has', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'valueOf', 'hasOwnProperty'])
      expect(refusal([`--${name}`]), name).toMatchObject({ code: 'CKPT_USAGE' });
  });
});

test("the empty text is torchrun's own default of some options, and a value that is missing of the others", () => {
  const environment = { PET_RDZV_ENDPOINT: 'h:1' };
  for (const words of [['--rdzv_endpoint='], ['--rdzv-endpoint', '']])
    expect(readCommandLine([...words, 'train.py'], environment).given('rdzv-endpoint')).toBeUndefined();
  expect(refusal(['--rdzv-endpoint', '--', 'train.py'])).toMatchObject({ message: '--rdzv-endpoint: a value is missing' });
  expect(refusal(['--rdzv-id=', 'train.py'])).toMatchObject({ message: '--rdzv-id: a value is missing' });
});

/** The words with which an option is taken. */
const wordsFor = (name: OptionName): readonly string[] =>
  ({ program: ['train.py'], barrier: ['barrier', 'here'], scenarios: [], run: [] })[rowOf(name).only ?? 'run'];

describe('a flag', () => {
  test('is set by its name, its letter and true, and not by false', () => {
    const isQuiet = (...args: readonly string[]): boolean => read(args).isSet('quiet');
    expect([isQuiet('--quiet'), isQuiet('-q'), isQuiet('--qui'), isQuiet('--quiet=true')]).toEqual([true, true, true, true]);
    expect([isQuiet(), isQuiet('--quiet=false'), isQuiet('--quiet', '--quiet')]).toEqual([false, false, true]);
  });

  test('takes no word behind it', () => {
    const line = read(['--quiet', 'train.py']);
    expect([line.isSet('quiet'), line.positionals]).toEqual([true, ['train.py']]);
  });

  test('may be written together with others', () => {
    const line = read(['-qV']);
    expect([line.isSet('quiet'), line.isSet('version')]).toEqual([true, true]);
  });
});

describe('the environment', () => {
  test('gives defaults, which the command line overrides', () => {
    expect(textOf('num-steps', [], { CKPT_RUN_NUM_STEPS: '50' })).toBe('50');
    expect(textOf('num-steps', ['--num-steps=60'], { CKPT_RUN_NUM_STEPS: '50' })).toBe('60');
    expect(read([], { CKPT_RUN_QUIET: '1' }).isSet('quiet')).toBe(true);
    expect(read(['--quiet=false'], { CKPT_RUN_QUIET: '1' }).isSet('quiet')).toBe(false);
  });

  test.for(OPTION_NAMES.filter((name) => rowOf(name).kind === 'flag'))('can be overruled: --%s=false', (name) => {
    const variable = `CKPT_RUN_${name.toUpperCase().replaceAll('-', '_')}`;
    const program = wordsFor(name);
    expect(read(program, { [variable]: '1' }).isSet(name)).toBe(true);
    expect(read([`--${name}=false`, ...program], { [variable]: '1' }).isSet(name)).toBe(false);
  });

  test.for([
    ['keep-outputs', 'discard-outputs', 'CKPT_RUN_DISCARD_OUTPUTS'],
    ['discard-outputs', 'keep-outputs', 'CKPT_RUN_KEEP_OUTPUTS'],
  ] as const)('is overruled by --%s where it sets --%s', ([given, overruled, variable]) => {
    const isSet = (...args: readonly string[]): readonly boolean[] =>
      [given, overruled].map(read(args, { [variable]: '1' }).isSet);
    expect(isSet(`--${given}`)).toEqual([true, false]);
    expect(isSet(`--${given}=false`)).toEqual([false, true]);
  });

  test('gives those of torchrun too, behind ours, and for its own options only', () => {
    expect(textOf('nproc-per-node', [], { PET_NPROC_PER_NODE: '4' })).toBe('4');
    expect(textOf('nproc-per-node', [], { PET_NPROC_PER_NODE: '4', CKPT_RUN_NPROC_PER_NODE: '2' })).toBe('2');
    expect(textOf('num-steps', [], { PET_NUM_STEPS: '4' })).toBeUndefined();
  });

  test('is named in messages by its variable, and empty is unset', () => {
    expect(read([], { CKPT_RUN_SEED: '3' }).given('seed')).toEqual({ text: '3', name: 'CKPT_RUN_SEED' });
    expect(textOf('seed', [], { CKPT_RUN_SEED: '' })).toBeUndefined();
  });
});

test('a command is the first word, and what follows are its own', () => {
  expect(read(['scenarios'])).toMatchObject({ command: 'scenarios', positionals: [] });
  expect(read(['--quiet', 'completion'])).toMatchObject({ command: 'completion', positionals: [] });
  expect(read(['train.py', 'scenarios'])).toMatchObject({ command: 'run', positionals: ['train.py', 'scenarios'] });
});

test('what stands behind -- is neither a command nor an option', () => {
  const line = read(['-q', '--', 'scenarios', '--num-steps=5', '--', '-x']);
  expect(line).toMatchObject({ command: 'run', positionals: ['scenarios', '--num-steps=5', '--', '-x'] });
  expect([line.isSet('quiet'), line.given('num-steps')]).toEqual([true, undefined]);
});

describe('a subcommand', () => {
  test('takes the options that are about no run', () => {
    const globals = ['--quiet', '--log-format=json', '--help', '--version'];
    expect(read(['scenarios', ...globals])).toMatchObject({ command: 'scenarios' });
    expect(read(['scenarios'], { CKPT_RUN_NUM_STEPS: '5' })).toMatchObject({ command: 'scenarios' });
  });

  test.for([
    ['foo', ['scenarios', 'foo']],
    ['--num-steps', ['completion', '--num_steps', '5']],
    ['--num-steps', ['--num-steps=5', 'scenarios']],
    ['--keep-outputs', ['scenarios', '--keep-outputs']],
    ['foo', ['scenarios', '--', 'foo']],
  ] as const)('refuses %s', ([stray, args]) => {
    const message = expect.stringMatching(
      new RegExp(`^ckpt-run (scenarios|completion): got ${stray}, expected nothing that is about a run$`),
    );
    expect(refusal(args)).toMatchObject({ code: 'CKPT_USAGE', message });
  });
});

test('inspect takes the one directory that it is about', () => {
  expect(read(['inspect', './run', '--log-format=json'])).toMatchObject({ command: 'inspect', positionals: ['./run'] });
  for (const args of [['inspect'], ['inspect', 'a', 'b']])
    expect(refusal(args)).toMatchObject({ message: expect.stringMatching(/^ckpt-run inspect: got .*, expected one RUN-DIR$/) });
  expect(refusal(['inspect', './run', '--num-steps=5'])).toMatchObject({
    message: 'ckpt-run inspect: got --num-steps, expected nothing that is about a run',
  });
});

test('barrier takes the one name that it is about, and its own options on both sides', () => {
  const line = read(['--timeout=5', 'barrier', 'here', '--payload', '{"a":[1,2]}', '--gather']);
  expect(line).toMatchObject({ command: 'barrier', positionals: ['here'] });
  expect([line.given('timeout')?.text, line.given('payload')?.text, line.isSet('gather')]).toEqual(['5', '{"a":[1,2]}', true]);
  for (const args of [['barrier'], ['barrier', 'a', 'b']])
    expect(refusal(args)).toMatchObject({ message: expect.stringMatching(/^ckpt-run barrier: got .*, expected one NAME$/) });
  expect(refusal(['barrier', 'here', '--num-steps=5'])).toMatchObject({
    message: 'ckpt-run barrier: got --num-steps, expected nothing that is about a run',
  });
  for (const words of [[], ['train.py']])
    expect(refusal(['--payload=1', ...words])).toMatchObject({
      message: '--payload: given to a run, expected ckpt-run barrier NAME in front of it',
    });
});

describe('that JSON is wanted', () => {
  test.for([
    [['--log-format=json'], {}, true],
    [['--log_f', 'json', '--frobnicate', '--nu=3'], {}, true],
    [['--num-step5=3'], { CKPT_RUN_LOG_FORMAT: 'json' }, true],
    [['--log-format=text'], { CKPT_RUN_LOG_FORMAT: 'json' }, false],
    [['--log-format=xml'], {}, false],
    [['--log-format'], {}, false],
    [['--', '--log-format=json'], {}, false],
    [[], {}, false],
  ] as const)('is seen in %j with %j: %s', ([args, environment, expected]) => {
    expect(wantsJson(args, environment)).toBe(expected);
  });
});

/** A word that no shell user would take for an option. */
const anyValue = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.startsWith('-')),
  fc.constantFrom('"quoted"', "'quoted'", '0x10', '1e3', '007', 'true', 'null', '[1]', 'a.b=c', ' ', '\n'),
);

/** One option as somebody may write it, with what is meant. */
const anySpelling = fc.constantFrom(...OPTION_NAMES).chain((name) => {
  const shortest = [...name].findIndex(
    (_, end) => OPTION_NAMES.filter((other) => other.startsWith(name.slice(0, end + 1))).length === 1,
  );
  const ends = fc.integer({ min: shortest === -1 ? name.length : shortest + 1, max: name.length });
  return fc
    .record({ end: ends, underscores: fc.boolean(), apart: fc.boolean(), value: anyValue })
    .map(({ end, underscores, apart, value }) => {
      const spelled = `--${underscores ? name.slice(0, end).replaceAll('-', '_') : name.slice(0, end)}`;
      if (rowOf(name).kind === 'flag') return { name, words: [spelled], meant: 'true' };
      return { name, words: apart ? [spelled, value] : [`${spelled}=${value}`], meant: value };
    });
});

test('any command line of valid options means what was meant', () => {
  const anyLine = fc.uniqueArray(anySpelling, { selector: ({ name }) => name, maxLength: 8 });
  const anyRun = fc.constantFrom('scenarios' as const, 'program' as const);
  fc.assert(
    fc.property(anyLine, anyRun, (all, run) => {
      const options = all.filter(({ name }) => (rowOf(name).only ?? run) === run);
      const program = run === 'program' ? ['train.py'] : [];
      const line = read([...options.flatMap(({ words }) => words), ...program]);
      const found = OPTION_NAMES.flatMap((name) => line.given(name)?.text ?? []);
      expect(found).toEqual(OPTION_NAMES.flatMap((name) => options.find((option) => option.name === name)?.meant ?? []));
      expect(line.positionals).toEqual(program);
    }),
    { numRuns: 500 },
  );
});

test('of an option of torchrun that is given twice the last one counts', () => {
  const line = readCommandLine(['--nproc_per_node=1', '--max-restarts=2', '--nproc-per-node', '4', 'train.py'], {});
  expect(line.given('nproc-per-node')).toEqual({ name: '--nproc-per-node', text: '4' });
});

test('an option of ours given twice is refused, however it is spelled', () => {
  const valued = anySpelling.filter(({ name }) => rowOf(name).kind !== 'flag' && rowOf(name).isTorchrun !== true);
  fc.assert(
    fc.property(valued, ({ name, words }) => {
      const program = wordsFor(name);
      expect(refusal([...words, `--${name}=again`, ...program])).toMatchObject({
        message: `--${name}: given 2 times, expected once`,
      });
    }),
  );
});
