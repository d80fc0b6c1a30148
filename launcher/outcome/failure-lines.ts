import { basename } from 'node:path';
import type { CodePlace, Diagnosis, HangVerdict } from '../../shared/contracts/diagnosis.ts';
import type { ErrorCode, SerializedError } from '../../shared/contracts/errors.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { RankOutcome, RunFailure } from '../../shared/contracts/run-report.ts';
import { codeOwner } from '../diagnosis/code-owner.ts';
import { classLine, verdictWords } from '../diagnosis/hang-lines.ts';
import { PACKAGE_DIRECTORY } from '../scenario-selection.ts';

/** A failed run in a few lines: what happened, who, and what to do. `stderrTail` gives the last lines a rank wrote. */
export function failureLines(
  failure: RunFailure,
  ranks: readonly RankOutcome[],
  stderrTail: (rank: number) => readonly string[],
  diagnosis: Diagnosis | null = null,
  workingDirectory = '/',
): readonly string[] {
  if (failure.kind === 'interrupted') return [`ckpt-run: interrupted by ${failure.signal}`];
  const { code, message, hint, stack } = failure.error;
  const culprit = 'rank' in failure ? failure.rank : undefined;
  const verdict = diagnosis?.verdict;
  return [
    `ckpt-run: ${failure.kind === 'hang' ? 'HANG: ' : ''}${ofRank(culprit, message)}  [${code}]`,
    ...(failure.kind === 'hang' ? whoIsMissing(failure, ranks) : []),
    ...(verdict === undefined ? [] : verdictLines(verdict, failure.error, workingDirectory)),
    ...(stack === null || code.startsWith('CKPT_BARRIER_') ? [] : frames(stack)),
    ...(culprit === undefined || culprit === 0 ? [] : quoted(`stderr of rank ${culprit}`, stderrTail(culprit))),
    `    fix:      ${verdict?.class === 'killed-oom' ? verdict.hint : hint}`,
  ];
}

/** What a class names that is no class of its own among our errors. */
const CLASSED: readonly ErrorCode[] = ['CKPT_RANK_FAILED', 'CKPT_RANK_KILLED', 'CKPT_RANK_ENDED_EARLY', 'CKPT_FAULT_INJECTED'];

function verdictLines(verdict: HangVerdict, { code, stack }: SerializedError, workingDirectory: string): readonly string[] {
  if (saysMore(verdict, stack)) return verdictWords(verdict, workingDirectory);
  // An order that could not be carried out has no frames, and is no trouble of the rank.
  if (code === 'CKPT_FAULT_INJECTED' && stack?.includes('\n    at ') !== true) return [];
  return CLASSED.includes(code) ? classLine(verdict) : [];
}

/** Whether a verdict has what the failure's own words lack: why a signal came, or the line of the sources. */
const saysMore = (verdict: HangVerdict, stack: string | null): boolean =>
  verdict.class !== 'unknown' &&
  (verdict.class === 'killed-oom' ||
    (verdict.place !== null && ownerOf(verdict.place) !== 'ckpt-run' && stack?.includes(lineOf(verdict.place)) !== true));

const ownerOf = codeOwner(PACKAGE_DIRECTORY);

const lineOf = ({ file, line }: CodePlace): string => `${basename(file)}${line === null ? '' : `:${line}`}`;

function whoIsMissing({ barrier }: Extract<RunFailure, { kind: 'hang' }>, ranks: readonly RankOutcome[]): readonly string[] {
  if (barrier === null) return [];
  if (barrier.reason === 'mismatch') {
    return barrier.arrivals
      .map(({ rank, name, callSite }) => `    rank ${rank} is at "${name}"${callSite === null ? '' : ` (${callSite})`}`)
      .slice(0, 16);
  }
  const describe = (rank: number): string => {
    const outcome = ranks[rank];
    const life = outcome?.endedByLauncher === true ? ', alive until the run was ended' : '';
    return `    missing:  rank ${rank}, pid ${outcome?.pid ?? 'unknown'}${life}`;
  };
  return [
    `    arrived:  ${barrier.arrived.length === 0 ? 'nobody' : formatRanks(barrier.arrived)}`,
    ...barrier.missing.slice(0, 8).map(describe),
  ];
}

const ofRank = (rank: number | undefined, message: string): string =>
  rank === undefined || message.startsWith(`rank ${rank}`) ? message : `rank ${rank}: ${message}`;

const frames = (stack: string): readonly string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:internal|\(data:/.test(line))
    .slice(0, 5)
    .map((line) => `    ${line.trim()}`);

const quoted = (label: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`    ${label}:`, ...lines.map((line) => `      ${line}`)];
