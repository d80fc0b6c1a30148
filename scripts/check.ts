import { GATES, type Gate } from './gates.ts';

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
