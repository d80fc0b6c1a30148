import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { layerProblems } from './layers.ts';
import { ROOT } from './source-files.ts';
import { tidyProblems } from './tidy.ts';

/** Gives the problems that bar the way; none when it is open. */
export type Gate = () => Promise<readonly string[]> | readonly string[];

/** Runs a tool with this Node; its output is the problem when it fails. */
const tool =
  (...[script = '', ...args]: readonly string[]): Gate =>
  () =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd: ROOT });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.on('error', reject).on('close', (code) => resolve(code === 0 ? [] : [output.trim()]));
    });

/** Everything a change must pass besides its tests. */
export const GATES: Readonly<Record<string, Gate>> = {
  types: tool('typescript/bin/tsc', '--noEmit', '-p', '.'),
  lint: tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50', '.'),
  layers: layerProblems,
  tidy: tidyProblems,
};
