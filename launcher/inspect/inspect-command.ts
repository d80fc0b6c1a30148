import type { OutputStyle } from '../../shared/contracts/run-plan.ts';
import { readRemains } from '../outcome/remains.ts';
import { type InspectionSurroundings, inspectRun } from './inspection.ts';
import { inspectionLines } from './inspection-lines.ts';
import { locateRun } from './run-location.ts';

/** What `ckpt-run inspect` prints of a run. Throws CKPT_USAGE for what is no run. */
export async function inspectionText(
  surroundings: InspectionSurroundings,
  given: string,
  logFormat: OutputStyle['logFormat'],
): Promise<string> {
  const { platform } = surroundings;
  const run = locateRun(platform.disk, given);
  const inspection = await inspectRun(surroundings, run);
  if (logFormat === 'json') {
    const { picture: _, ...told } = inspection;
    return `${JSON.stringify({ format: 'ckpt-run-inspection', version: 1, ...told })}\n`;
  }
  const { stderrTail } = readRemains(platform, run, inspection.worldSize);
  return `${inspectionLines(inspection, stderrTail).join('\n')}\n`;
}
