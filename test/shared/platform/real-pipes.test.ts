import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
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
  const outputs = makePipes(3).map((pipe, index) =>
    printed(pipe, `echo ${index} >/dev/stdout; test -p /dev/stdout && echo pipe`),
  );
  expect(await Promise.all(outputs)).toEqual(['0\npipe\n', '1\npipe\n', '2\npipe\n']);
});

test('none are made of nothing, and nothing is left of any', () => {
  const directory = temporaryDirectory();
  vi.stubEnv('TMPDIR', directory);
  expect(makePipes(0)).toEqual([]);
  for (const { reader, writeDescriptor } of makePipes(2)) {
    closeDescriptor(writeDescriptor);
    reader.destroy();
  }
  expect(readdirSync(directory)).toEqual([]);
  vi.unstubAllEnvs();
});
