import { expect, test } from 'vitest';
import { sandbox } from './sandbox.ts';

const RUN = ['--nproc-per-node=2', '--scenario=basic', '--quiet', '--discard-outputs'];

test('nobody is told to read what has been removed', async () => {
  const { code, stderr, report } = await sandbox().runForReport([...RUN, '--inject=exit:rank=1,step=50,code=3']);
  expect(code).toBe(1);
  const hint = "Run it again without --discard-outputs. Read the rank's stderr.log in the run directory.";
  expect(stderr).toMatch(new RegExp(`^ {4}fix: {6}${hint}$`, 'm'));
  expect(report).toMatchObject({ failure: { error: { hint } } });
});

test('a hang says that its files are gone', async () => {
  const { code, stderr } = await sandbox().run([...RUN, '--inject=stall:rank=1,step=50', '--barrier-timeout=1']);
  expect(code).toBe(124);
  expect(stderr).toMatch(/^ {4}files: {4}removed: --discard-outputs$/m);
  expect(stderr).not.toContain('attempt_0');
});
