import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/source-files.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

/** A place where programs can import ckpt-run, in Python too, and scripts call it. */
export function workplace(): { readonly box: Sandbox; readonly env: Readonly<Record<string, string>> } {
  const box = sandbox();
  for (const path of ['bin', 'node_modules']) mkdirSync(join(box.directory, path));
  symlinkSync(join(ROOT, 'dist', 'ckpt-run.cjs'), join(box.directory, 'bin', 'ckpt-run'));
  symlinkSync(ROOT, join(box.directory, 'node_modules', 'ckpt-run'));
  const path = `${join(box.directory, 'bin')}:${process.env['PATH']}`;
  return { box, env: { PATH: path, PYTHONPATH: join(ROOT, 'python'), PYTHONDONTWRITEBYTECODE: '1' } };
}
