import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AbortRecord } from '../../shared/contracts/barrier.ts';
import type { ProgramVerdict } from '../../shared/contracts/program-hang.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { ROOT } from '../source-files.ts';
import { inDirectory, type ObservedProgram, observeProgram } from './observed-program.ts';
import { commandOf, expectedRanks, markedLines, type ProgramCase } from './programs.ts';

/** What became of a case; `rank only`: the right rank without its line, or without what it waits for. */
export interface Played {
  readonly outcome: 'right' | 'rank only' | 'unknown' | 'wrong';
  readonly tookMs: number | null;
  /** What is not as it has to be; none for what is right. */
  readonly problems: readonly string[];
  /** What was said. */
  readonly stderr: string;
}

const HANG_TIMEOUT_S = 3;

/** Nobody is silent for longer when the hang is named. */
const PATIENCE = { says: /^ckpt-run: .*\[CKPT_/m, silenceMs: 60_000 };

/** Runs a case under ckpt-run and judges what is said of it. */
export const playCase = (hang: ProgramCase, python: string): Promise<Played> =>
  inDirectory(async (directory) => {
    const report = join(directory, 'report.json');
    const options = [`--nproc-per-node=${hang.worldSize}`, `--hang-timeout=${HANG_TIMEOUT_S}`, `--report=${report}`];
    const launcher = [process.execPath, `${ROOT}dist/ckpt-run.cjs`, ...options];
    const observed = await observeProgram(directory, [...launcher, ...commandOf(hang)], { PYTHON_EXEC: python }, PATIENCE);
    const read = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as RunReport) : null;
    return judge(hang, observed, read);
  });

function judge(hang: ProgramCase, { code, stderr, tookMs }: ObservedProgram, report: RunReport | null): Played {
  const verdict = report?.hang?.verdict;
  const named = namedRanks(report, verdict);
  const played = { stderr, tookMs };
  if (code === 0) return { ...played, outcome: 'wrong', problems: ['the run passed'] };
  if (named === undefined) return { ...played, outcome: 'unknown', problems: [`unknown: ${sayingOf(report, verdict)}`] };
  if (!isRight(hang, named)) {
    return {
      ...played,
      outcome: 'wrong',
      problems: [`rank ${named}, expected ${expectedRanks(hang)}: ${sayingOf(report, verdict)}`],
    };
  }
  const problems = [...lineProblems(hang, verdict, stderr), ...mentionProblems(hang, stderr)];
  const isElsewhere = problems.some((problem) => problem.startsWith('at '));
  return { ...played, outcome: problems.length === 0 ? 'right' : isElsewhere ? 'wrong' : 'rank only', problems };
}

/** Whom the verdict blames, or else the failure. */
function namedRanks(report: RunReport | null, verdict: ProgramVerdict | undefined): readonly number[] | undefined {
  if (verdict !== undefined && verdict.class !== 'unknown') return verdict.ranks;
  const failure = report?.failure;
  if (failure?.kind === 'hang' && failure.barrier !== null) return sidesOf(failure.barrier);
  return failure !== undefined && failure !== null && 'rank' in failure ? [failure.rank] : undefined;
}

/** Who did not come to a barrier; or who came to another one than most, and all where there is no most. */
function sidesOf({ missing, arrivals, reason }: AbortRecord): readonly number[] {
  if (reason === 'timeout') return missing;
  const alike = (fingerprint: string): number => arrivals.filter((other) => other.fingerprint === fingerprint).length;
  return arrivals.flatMap(({ rank, fingerprint }) => (alike(fingerprint) > arrivals.length / 2 ? [] : [rank]));
}

const isRight = (hang: ProgramCase, named: readonly number[]): boolean =>
  String(named) === String(expectedRanks(hang)) || String(named) === String(hang.culprit);

const sayingOf = (report: RunReport | null, verdict: ProgramVerdict | undefined): string =>
  verdict?.says ?? (report === null ? 'no report' : JSON.stringify(report.failure));

function lineProblems({ program }: ProgramCase, verdict: ProgramVerdict | undefined, stderr: string): readonly string[] {
  if (program.line === 'none') return [];
  const marked = markedLines(program);
  const spelled = marked.map(({ file, line }) => `${file}:${line}`);
  // Where both sides are named, each has its line in what is said.
  if (program.line === 'printed' || (verdict !== undefined && verdict.class !== 'unknown' && verdict.ranks.length > 1)) {
    const isPrinted = marked.some(
      ({ file, line }) => stderr.includes(`${file}:${line}`) || stderr.includes(`File "${file}", line ${line}`),
    );
    return isPrinted ? [] : [`no line, expected ${spelled.join(' or ')} to be printed`];
  }
  const place = verdict === undefined || verdict.class === 'unknown' ? null : verdict.place;
  if (place === null) return [`no line, expected ${spelled.join(' or ')}`];
  const named = `${place.file}:${place.line}`;
  return spelled.includes(named) ? [] : [`at ${named}, expected ${spelled.join(' or ')}`];
}

const mentionProblems = ({ program: { mentions } }: ProgramCase, stderr: string): readonly string[] =>
  mentions === undefined || mentions.test(stderr) ? [] : [`nothing of ${mentions.source}`];
