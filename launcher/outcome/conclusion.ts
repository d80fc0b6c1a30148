import { messageOf } from '../../shared/contracts/errors.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { kept, warning } from '../notices.ts';
import { clear, giveBack } from '../output-directory/giving-back.ts';
import { blame, type EndedRun, type Findings, findingsOf } from './findings.ts';
import { dropLastReports } from './out-of-memory.ts';
import { publishReport } from './report-file.ts';

/** What a run came to. */
export interface LaunchResult {
  readonly report: RunReport;
  /** What rank 0 printed, when it printed into a file. */
  readonly output: string;
}

/**
 * Says what went wrong, cleans up, reports, and gives the directory back, in this order, so that the report is true. Never
 * throws. A bug of ours that shows itself on the way is what the run came to.
 */
export async function conclude(ended: EndedRun): Promise<LaunchResult> {
  const { surroundings, output, bug } = ended;
  const found = findingsOf(ended);
  if (found.report.failure !== null) forgetLastReports(ended);
  const keep = mustKeep(ended, found.report);
  if (found.notice !== undefined && ended.told === undefined) surroundings.tell(found.notice);
  if (!keep) clear(output, surroundings.tell);
  const placed = { ...found, report: { ...found.report, runDirectory: whatStays(ended, keep) } };
  await publish(ended, keep, placed.report);
  if (isLeft(ended)) leaveClaimed(ended);
  else await giveBack(output, surroundings.tell);
  const late = found.report.failure?.kind === 'launcher-failed' ? undefined : bug();
  const final = late === undefined ? placed : blame(placed, late);
  if (late !== undefined) await sayAgain(ended, keep, final);
  if (keep) tellKept(ended, final.report);
  return final;
}

/** What V8 left holds the environment. */
function forgetLastReports({ surroundings, plan, run }: EndedRun): void {
  const files = Array.from({ length: plan.worldSize }, (_, rank) => run.lastReport(rank));
  dropLastReports(surroundings.platform.disk, files);
}

async function sayAgain(ended: EndedRun, keep: boolean, { report, notice }: Findings): Promise<void> {
  if (notice !== undefined) ended.surroundings.tell(notice);
  await publish(ended, keep, report);
}

/** Nothing is removed from under a rank that may still write, and what is in a directory that is no longer ours is not ours to remove. */
const mustKeep = (ended: EndedRun, { exitCode }: RunReport): boolean =>
  (exitCode === 0 ? ended.request.keepOutputs : !ended.request.discardOutputs) || !ended.output.isOurs() || isLeft(ended);

/** Whether a rank could not be ended. */
const isLeft = ({ outcome }: EndedRun): boolean => outcome.ranks.some(({ isAlive }) => isAlive === true);

/** Who wants the directory next finds the rank, and waits for its end. */
function leaveClaimed({ outcome, output, surroundings }: EndedRun): void {
  const left = outcome.ranks.filter(({ isAlive }) => isAlive === true).map(({ host }) => `rank ${host.rank} (pid ${host.pid})`);
  const still = 'not ended by SIGKILL, so it is stuck in the kernel';
  surroundings.tell(warning(`${left.join(', ')}: ${still}; ${output.path} is nobody's to use until it is gone`));
  try {
    output.leaveClaimed();
  } catch (thrown) {
    surroundings.tell(warning(`${output.path} could not be left claimed: ${messageOf(thrown)}`));
  }
}

/** The run directory, or what could not be removed of it. */
const whatStays = ({ surroundings, run }: EndedRun, keep: boolean): string | null =>
  keep || surroundings.platform.disk.kindOf(run.path) === 'directory' ? run.path : null;

const publish = ({ request, surroundings, run }: EndedRun, keep: boolean, report: RunReport): Promise<void> =>
  publishReport(surroundings.platform.disk, [request.reportFile, keep ? run.report : undefined], report, surroundings.tell);

function tellKept({ request, surroundings, run, output }: EndedRun, { exitCode }: RunReport): void {
  if (exitCode !== 0) surroundings.tell(kept(run.path, run.path));
  // Nobody else knows where a temporary directory is.
  else if (!request.output.quiet || request.outputDir === undefined)
    surroundings.tell(kept(`ckpt-run: outputs kept in ${output.path}`, output.path));
}
