import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { asked } from './asked.ts';

const JAVASCRIPT = 'console.log(process.argv.slice(2).join())';
const TYPESCRIPT = 'const words: readonly string[] = process.argv.slice(2);\nconsole.log(words.join());';

const PROGRAMS = {
  'program.py': 'import sys\nprint(",".join(sys.argv[1:]))',
  'program.js': JAVASCRIPT,
  'program.mjs': `import 'node:fs';\n${JAVASCRIPT}`,
  'program.cjs': `require('node:fs');\n${JAVASCRIPT}`,
  'program.ts': TYPESCRIPT,
  'program.mts': `import 'node:fs';\n${TYPESCRIPT}`,
  'program.cts': `import fs = require('node:fs');\nvoid fs;\n${TYPESCRIPT}`,
  './program': '#!/bin/sh\necho "$1,$2"',
} as const;

/** Runs what is asked for as local rank 1, in a directory with a program. */
function run(args: readonly string[], file: string, text: string): string {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, file), text);
  chmodSync(join(cwd, file), 0o755);
  const command = asked(args).request.commandOf(1);
  const { stdout, stderr } = spawnSync(command.file, command.args, { cwd, encoding: 'utf8' });
  return stdout + stderr;
}

const hasPython = spawnSync('python3', ['-c', '']).status === 0;

test.for(Object.entries(PROGRAMS))('%s is run with its arguments', ([file, text], { skip }) => {
  skip(file.endsWith('.py') && !hasPython, 'python3 is not here');
  expect(run([file, '--rank=$local_rank', 'x'], file, text)).toBe('--rank=1,x\n');
});

test('-m runs a module of this directory', ({ skip }) => {
  skip(!hasPython, 'python3 is not here');
  expect(run(['-m', 'program', 'a', 'b'], 'program.py', PROGRAMS['program.py'])).toBe('a,b\n');
});

test('--no-python executes what would else be given to an interpreter', () => {
  expect(run(['--no-python', './program.py', 'a', 'b'], 'program.py', PROGRAMS['./program'])).toBe('a,b\n');
});
