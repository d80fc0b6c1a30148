import type { Disk } from '../../shared/platform/disk.ts';
import { loadScenario } from '../../shared/platform/scenario-loader.ts';
import { checkScenarioShape } from '../../shared/policy/scenario-shape.ts';
import { builtInScenarios, PACKAGE_URL } from '../scenario-selection.ts';

/** One line a built-in scenario: its name and its summary. */
export async function scenarioLines(disk: Disk): Promise<readonly string[]> {
  const files = [...builtInScenarios(disk)];
  const width = Math.max(...files.map(([name]) => name.length));
  const summaries = await Promise.all(files.map(([, file]) => loadScenario(file, PACKAGE_URL, checkScenarioShape)));
  return summaries.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`);
}
