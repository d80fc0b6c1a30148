import { chmodSync } from 'node:fs';
import { expect } from 'vitest';
import { linesOf, sandbox } from '../e2e/sandbox.ts';
import { PYTHON, pathOf, runAlone, startTorch, torchTest } from './torch-run.ts';

torchTest.for([
  ['a file', [pathOf('launched.py')]],
  ['a module', ['-m', 'launched']],
] as const)('test_is_torchelastic_launched: %s, run by the Python in PYTHON_EXEC', async ([, command]) => {
  const box = sandbox();
  const python = box.write('python', `#!/bin/sh\necho "$*"\nexec "$REAL_PYTHON" "$@"\n`);
  chmodSync(python, 0o755);
  const env = { PYTHON_EXEC: python, REAL_PYTHON: PYTHON };
  const { code, stdout, stderr } = await startTorch(box, [], command, env).ended;
  expect(code, stderr).toBe(0);
  expect(linesOf(stdout)).toEqual([`[rank 0] -u ${command.join(' ')}`, '[rank 0] launched: True']);
});

torchTest('test_is_not_torchelastic_launched', async () => {
  expect(await runAlone('launched.py')).toMatchObject({ code: 0, stdout: 'launched: False\n' });
});
