// biome-ignore-all lint/suspicious/noTemplateCurlyInString: torchrun's placeholders look like that
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { interpretersOf } from '../../../launcher/program/interpreters.ts';
import { commandOf, type Program, runnerOf, titleOf } from '../../../launcher/program/program.ts';

const INTERPRETERS = { python: 'python3', node: '/bin/node', tsxLoader: 'file:///tsx/$$/loader.mjs' };

const command = (program: Partial<Program>, localRank = 0): readonly string[] => {
  const { file, args } = commandOf({ name: 'train.py', args: [], runner: 'itself', ...program }, INTERPRETERS, localRank);
  return [file, ...args];
};

test.for([
  ['train.py', 'python'],
  ['dir.py/train', 'itself'],
  ['./a.js', 'node'],
  ['a.mjs', 'node'],
  ['a.cjs', 'node'],
  ['a.ts', 'tsx'],
  ['a.mts', 'tsx'],
  ['a.cts', 'tsx'],
  ['train.sh', 'itself'],
  ['train.PY', 'itself'],
  ['.py', 'itself'],
  ['sh', 'itself'],
] as const)('%s is run by %s', ([name, runner]) => expect(runnerOf(name)).toBe(runner));

describe('the command of a local rank', () => {
  test.for([
    ['python', ['python3', '-u', 'p', 'a']],
    ['python-module', ['python3', '-u', '-m', 'p', 'a']],
    ['node', ['/bin/node', 'p', 'a']],
    ['tsx', ['/bin/node', '--import', 'file:///tsx/$$/loader.mjs', 'p', 'a']],
    ['itself', ['p', 'a']],
  ] as const)('by %s', ([runner, expected]) => expect(command({ name: 'p', args: ['a'], runner })).toEqual(expected));

  test('asks for tsx only where it runs it', () => {
    const noTsx = {
      ...INTERPRETERS,
      get tsxLoader(): string {
        throw new Error('tsx was looked for');
      },
    };
    expect(commandOf({ name: 'p', args: [], runner: 'itself' }, noTsx, 0)).toEqual({ file: 'p', args: [] });
    expect(() => commandOf({ name: 'p.ts', args: [], runner: 'tsx' }, noTsx, 0)).toThrow('tsx was looked for');
  });

  test('has its rank in every argument', () => {
    const args = ['--out=${local_rank}', '$local_rank', '$$5'];
    expect(command({ args, runner: 'python' }, 11)).toEqual(['python3', '-u', 'train.py', '--out=11', '11', '$5']);
  });

  test('has its rank in the name of a script, and not in that of a program, as with torchrun', () => {
    expect(command({ name: 'train-$local_rank.py', runner: 'python' }, 1)).toEqual(['python3', '-u', 'train-1.py']);
    expect(command({ name: 'train-$local_rank' }, 1)).toEqual(['train-$local_rank']);
  });
});

test('in reports a program is called as its file is, and a module by its name', () => {
  expect(titleOf({ name: 'src/train.py', args: [], runner: 'python' })).toBe('train.py');
  expect(titleOf({ name: 'a.b', args: [], runner: 'python-module' })).toBe('a.b');
});

test('Python is PYTHON_EXEC, else python3; Node.js is this one; tsx is the one that is installed', () => {
  expect(interpretersOf({ PYTHON_EXEC: '/opt/python' }).python).toBe('/opt/python');
  expect(interpretersOf({ PYTHON_EXEC: '' }).python).toBe('python3');
  const { node, python, tsxLoader } = interpretersOf({});
  expect([node, python]).toEqual([process.execPath, 'python3']);
  expect(tsxLoader).toMatch(/^file:\/\/\/.*\/tsx\/dist\//);
  expect(basename(tsxLoader)).toBe('loader.mjs');
});
