import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { runCommand, temporaryDirectory } from '../e2e/run-command.ts';
import { NO_PYTHON } from '../python/find-python.ts';
import { codeBlocks, PAGES } from './pages.ts';

const TRANSCRIPTS = PAGES.flatMap((page) => codeBlocks(page, 'console').map((block) => ({ page, ...block })));

/** A directory as a reader has it: the examples, `./scripts/ckpt-run`, and `ckpt-run` on the path. */
function workplace(): { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  const cwd = temporaryDirectory();
  cpSync(join(ROOT, 'docs', 'examples'), cwd, { recursive: true });
  for (const directory of ['bin', 'tmp', 'scripts']) mkdirSync(join(cwd, directory));
  symlinkSync(join(ROOT, 'docs'), join(cwd, 'docs'));
  symlinkSync(join(ROOT, 'dist', 'ckpt-run.cjs'), join(cwd, 'bin', 'ckpt-run'));
  symlinkSync(join(ROOT, 'scripts', 'ckpt-run'), join(cwd, 'scripts', 'ckpt-run'));
  return { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`, TMPDIR: join(cwd, 'tmp') } };
}

/** Repeats each command before its output, as a terminal shows it, and keeps its exit status for the next. */
const scriptOf = (transcript: string): string =>
  [
    'status=0',
    ...commandsOf(transcript).map((command) => `cat <<'END'\n$ ${command}\nEND\n(exit $status); ${command}\nstatus=$?`),
  ].join('\n');

const commandsOf = (transcript: string): readonly string[] =>
  transcript.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));

/** A line that is only … stands for any lines, and … in a line for any characters. */
function patternOf(transcript: string): RegExp {
  const lines = transcript.split(/(?<=\n)/).map((line) => {
    if (line === '…\n') return '(?:.*\\n)*?';
    return line.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll('…', '.*');
  });
  return new RegExp(`^${lines.join('')}$`);
}

/** Whether its commands are about Python. */
const needsPython = (transcript: string): boolean => commandsOf(transcript).some((command) => PYTHON_WORDS.test(command));
const PYTHON_WORDS = /python-path|mixed\.sh/;

test.for(TRANSCRIPTS)('$page:$line', async ({ code }, { skip }) => {
  skip(NO_PYTHON !== undefined && needsPython(code), NO_PYTHON);
  const { cwd, env } = workplace();
  const { stdout } = await runCommand('sh', ['-c', `exec 2>&1\n${scriptOf(code)}`], { cwd, env, timeoutMs: 50_000 });
  const output = stdout.replaceAll(join(cwd, 'tmp'), '/tmp').replaceAll(cwd, '.');
  if (!patternOf(code).test(output)) expect(output).toBe(code);
});
