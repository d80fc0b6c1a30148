import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { linesOf, sandbox } from '../e2e/sandbox.ts';
import { pathOf, startTorch, torchTest } from './torch-run.ts';

torchTest('a program meets at barriers of ours beside the collectives of torch', async () => {
  const env = { PYTHONPATH: join(ROOT, 'python') };
  const { code, stdout, stderr } = await startTorch(sandbox(), ['--nproc-per-node=2'], [pathOf('beside_torch.py')], env).ended;
  expect(code, stderr).toBe(0);
  const line = (rank: number): string => `[rank ${rank}] rank ${rank} of 2: 0.244, the same on all ranks: true`;
  expect(
    linesOf(stdout)
      .map((each) => each.replace('True', 'true'))
      .sort(),
  ).toEqual([line(0), line(1)]);
});
