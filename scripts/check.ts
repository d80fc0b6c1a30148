import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { layerProblems } from './layers.ts';
import { ROOT } from './source-files.ts';
import { tidyProblems } from './tidy.ts';

/** Gives the problems of one gate; none when it passes. */
type Gate = () => Promise<readonly string[]> | readonly string[];

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

const GATES: Readonly<Record<string, Gate>> = {
  types: tool('typescript/bin/tsc', '--noEmit', '-p', '.'),
  lint: tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50', '.'),
  layers: layerProblems,
  tidy: tidyProblems,
};

async function run(name: string, gate: Gate): Promise<boolean> {
  const startedAt = performance.now();
  const problems = await gate();
  const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const summary = problems.length === 0 ? `✓ ${name} (${took})` : `✗ ${name} (${took})\n\n${problems.join('\n')}\n`;
  console.log(summary);
  return problems.length === 0;
}

const asked = process.argv.slice(2);
const gates = Object.entries(GATES).filter(([name]) => asked.length === 0 || asked.includes(name));
const results = await Promise.all(gates.map(([name, gate]) => run(name, gate)));
if (results.includes(false)) process.exitCode = 1;
