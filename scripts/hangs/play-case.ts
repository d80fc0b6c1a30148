import type { HangVerdict } from '../../shared/contracts/diagnosis.ts';
import type { HangCase } from './hang-case.ts';
import { type ObservedRun, observeRun } from './observed-run.ts';

/** What became of a case. */
export interface Played {
  readonly outcome: 'right' | 'wrong' | 'unknown';
  /** Judged by nobody here: a busy machine makes it long. */
  readonly tookMs: number | null;
  /** What is not as it has to be; none for what is right. */
  readonly problems: readonly string[];
  /** What was said. */
  readonly stderr: string;
}

/** Long enough for eight ranks to start on two cores while others run. */
const BARRIER_TIMEOUT = '--barrier-timeout=2';

const MOST_LINES = 25;

/** Runs a case and judges what is said of it. */
export async function playCase(hang: HangCase): Promise<Played> {
  const isTimed = hang.args.some((arg) => arg.startsWith('--barrier-timeout'));
  const run = await observeRun([...hang.args, ...(isTimed ? [] : [BARRIER_TIMEOUT])]);
  const verdict = run.report?.diagnosis?.verdict;
  const problems = [...verdictProblems(hang, verdict), ...reportProblems(run)];
  const outcome = problems.length === 0 ? 'right' : verdict?.class === 'unknown' ? 'unknown' : 'wrong';
  return { outcome, tookMs: run.tookMs, problems, stderr: run.stderr };
}

function verdictProblems(hang: HangCase, verdict: HangVerdict | undefined): readonly string[] {
  if (verdict === undefined) return [`no verdict, expected ${hang.class}`];
  if (verdict.class === 'unknown') return [`unknown, expected ${hang.class}: ${verdict.says}`];
  const { place } = verdict;
  const named = place === null ? undefined : `${place.file}:${place.line}`;
  return [
    ...(verdict.class === hang.class ? [] : [`${verdict.class}, expected ${hang.class}`]),
    ...(String(verdict.ranks) === String(hang.ranks) ? [] : [`rank ${verdict.ranks}, expected ${hang.ranks}`]),
    ...(named === hang.place ? [] : [`at ${named}, expected ${hang.place}`]),
  ];
}

function reportProblems({ stderr, tookMs }: ObservedRun): readonly string[] {
  const lines = stderr.split('\n');
  const first = lines.findIndex((line) => line.startsWith('ckpt-run: HANG:'));
  // The last line is the run directory.
  const count =
    first < 0 ? 0 : lines.slice(first).filter((line) => line.startsWith('    ') || line.startsWith('ckpt-run:')).length;
  return [
    ...(count > MOST_LINES ? [`${count} lines, at most ${MOST_LINES}`] : []),
    ...(tookMs === null ? ['nothing was said of it'] : []),
  ];
}
