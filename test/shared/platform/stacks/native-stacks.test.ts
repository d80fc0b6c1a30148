import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodePlatform } from '../../../../shared/platform/platform.ts';
import { processState } from '../../../../shared/platform/process-identity.ts';
import { searchPath } from '../../../../shared/platform/stacks/run-tool.ts';
import { until } from '../../../e2e/live-run.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';
import { startWatched, type WatchedProgram } from '../../../fixtures/watched-program.ts';

const pathOf = (tool: string): string | undefined => {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

const start = (): Promise<WatchedProgram> => startWatched(['sh'], 'sh', `echo ready; read line; exit 7\n`);

test('what is neither Python nor Node says nothing, unless a debugger may be asked and is there', async () => {
  const program = await start();
  expect(await program.see()).toEqual({ notSeen: 'it is written neither in Python nor for Node' });
  expect(await program.see({ nativeStacks: true })).toEqual({
    notSeen: 'it is written neither in Python nor for Node; neither eu-stack nor gdb is installed',
  });
});

for (const tool of ['gdb', 'eu-stack'] as const) {
  const path = pathOf(tool);
  if (path === undefined) console.log(`skipped: ${tool} is not installed`);
  describe.skipIf(path === undefined)(tool, () => {
    test('tells the native functions of a process, which then goes on', async () => {
      const directory = temporaryDirectory();
      symlinkSync(path ?? '', join(directory, tool));
      const program = await start();
      const seen = await program.see({ nativeStacks: true, searchPath: [directory], limitMs: 60_000 });
      expect(seen).toMatchObject({ source: tool, threads: [{ isMain: true }] });
      if ('threads' in seen) expect(seen.threads[0]?.frames[0]?.functionName).toMatch(/read/);
      program.child.stdin?.end('\n');
      expect(await new Promise((resolve) => program.child.once('close', resolve))).toBe(7);
    });

    test('leaves a stopped process stopped', async () => {
      const directory = temporaryDirectory();
      symlinkSync(path ?? '', join(directory, tool));
      const program = await start();
      const state = (): string | undefined => processState(nodePlatform(), program.pid)?.letter;
      process.kill(program.pid, 'SIGSTOP');
      await until('it to stop', () => (state() === 'T' ? true : undefined));
      await program.see({ nativeStacks: true, searchPath: [directory], limitMs: 60_000 });
      await until('it to be stopped again', () => (state() === 'T' ? true : undefined));
    });
  });
}

test('a debugger that says nothing in time is ended', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'gdb'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  const program = await start();
  const seen = await program.see({
    nativeStacks: true,
    searchPath: searchPath({ PATH: `relative:${directory}/bin` }),
    limitMs: 500,
  });
  expect(seen).toEqual({ notSeen: expect.stringContaining('gdb did not answer in time') });
});
