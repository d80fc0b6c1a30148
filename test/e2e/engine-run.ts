import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/source-files.ts';
import type { Sandbox } from './sandbox.ts';

/** The built command, as an engine is told to start it. */
export const COMMAND: readonly string[] = [process.execPath, join(ROOT, 'dist', 'ckpt-run.cjs')];

/** The path of one of the scripts in docs/examples/engines/. */
export const engineExample = (name: string): string => join(ROOT, 'docs', 'examples', 'engines', name);

/** A PATH on which ckpt-run is found by its name, as where it is installed, and others by the names that they are given here. */
export function pathWithCommand(box: Sandbox, others: Readonly<Record<string, string>> = {}, path = process.env['PATH']): string {
  const commands = { 'ckpt-run': `'${COMMAND.join("' '")}'`, ...others };
  for (const [name, command] of Object.entries(commands))
    chmodSync(box.write(`tmp/bin/${name}`, `#!/bin/sh\nexec ${command} "$@"\n`), 0o755);
  return `${join(box.temporary, 'bin')}:${path}`;
}
