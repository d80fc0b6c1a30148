import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { closeDescriptor, makePipes, type Pipe } from '../../../shared/platform/real-pipes.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

/** What a script prints into a pipe. */
function printed({ reader, writeDescriptor }: Pipe, script: string): Promise<string> {
  spawn('sh', ['-c', script], { stdio: ['ignore', writeDescriptor, 'inherit'] });
  closeDescriptor(writeDescriptor);
  return text(reader);
}

test('each child has a pipe of its own, which it can open by name, and which ends with it', async () => {
  const outputs = makePipes(join(temporaryDirectory(), 'pipes'), 3).map((pipe, index) =>
    printed(pipe, `echo ${index} >/dev/stdout; test -p /dev/stdout && echo pipe`),
  );
  expect(await Promise.all(outputs)).toEqual(['0\npipe\n', '1\npipe\n', '2\npipe\n']);
});

test('none are made of nothing, and nothing is left of any', () => {
  const directory = temporaryDirectory();
  expect(makePipes(join(directory, 'pipes'), 0)).toEqual([]);
  makePipes(join(directory, 'pipes'), 2).forEach(closeBoth);
  expect(readdirSync(directory)).toEqual([]);
});

test('where the file system cannot hold pipes, they are made among the temporary files', async () => {
  const [unable, temporary, tools] = [temporaryDirectory(), temporaryDirectory(), temporaryDirectory()];
  const script = `#!/bin/sh\ncase "$*" in *${unable}*) exit 1 ;; *) PATH='${process.env['PATH']}' exec mkfifo "$@" ;; esac\n`;
  writeFileSync(join(tools, 'mkfifo'), script, { mode: 0o755 });
  vi.stubEnv('PATH', `${tools}:${process.env['PATH']}`);
  vi.stubEnv('TMPDIR', temporary);
  const pipes = makePipes(join(unable, 'pipes'), 1);
  vi.unstubAllEnvs();
  expect(await Promise.all(pipes.map((pipe) => printed(pipe, 'echo line')))).toEqual(['line\n']);
  expect([unable, temporary].flatMap((path) => readdirSync(path))).toEqual([]);
});

function closeBoth({ reader, writeDescriptor }: Pipe): void {
  closeDescriptor(writeDescriptor);
  reader.destroy();
}
