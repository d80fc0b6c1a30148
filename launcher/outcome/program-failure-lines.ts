import type { AbortRecord } from '../../shared/contracts/barrier.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { RunFailure } from '../../shared/contracts/run-report.ts';
import type { GroupOutcome, HostOutcome } from '../group/rank-group.ts';
import { hangDetails } from '../program/program-hang-lines.ts';
import { type Blame, UNCERTAIN_MS } from './blame.ts';
import { howItEnded } from './program-failure.ts';

/** What is said about the first failed rank besides. */
export interface FailureDetails {
  readonly title: string;
  readonly blame: Blame | undefined;
  readonly outcome: GroupOutcome;
  readonly message: string | undefined;
  readonly stderrTail: readonly string[];
  readonly logs: string | undefined;
}

/** So many other ranks are named one by one. */
const NAMED = 8;

/** A failed run of a program in a few lines: what happened, who, what it said, and where to read more. */
export function programFailureLines(failure: RunFailure, details: FailureDetails): readonly string[] {
  if (failure.kind === 'interrupted') return [`ckpt-run: interrupted by ${failure.signal}`];
  const { title, blame, outcome, message, stderrTail, logs } = details;
  const { error } = failure;
  return [
    `ckpt-run: ${title}: ${error.message}  [${error.code}]`,
    ...(failure.kind === 'node-failed' ? bystanders(outcome, blame) : []),
    ...(failure.kind === 'hang' && failure.barrier !== null ? absent(outcome, failure.barrier) : []),
    ...(outcome.reason?.kind === 'hung' ? hangDetails(outcome.reason.hang, process.cwd()) : []),
    ...(message === undefined ? [] : message.split('\n').map((line, at) => `${at === 0 ? field('message') : field('')}${line}`)),
    ...(stderrTail.length === 0 ? [] : [`${field('stderr').trimEnd()}`, ...stderrTail.map((line) => `      ${line}`)]),
    ...(failure.kind === 'node-failed' || failure.kind === 'hang' || blame === undefined ? [] : company(blame)),
    ...(logs === undefined ? [] : [`${field('logs')}${logs}`]),
    `${field('fix')}${error.hint}`,
  ];
}

/** The other ranks, by their part in it. */
function company({ first, uncertain, others, ended }: Blame): readonly string[] {
  const later = ({ exitedAtMs }: HostOutcome): string => `, ${Math.round(exitedAtMs - first.exitedAtMs)} ms later`;
  return [
    ...also(uncertain, () => `, less than ${UNCERTAIN_MS} ms apart: which was first is uncertain`),
    ...also(others, later),
    ...endedToo(ended),
  ];
}

/** The ranks of a node that did not come to a barrier, by how they ended, and those of it that came. */
function absent({ ranks }: GroupOutcome, { missing, arrived }: AbortRecord): readonly string[] {
  const isOf =
    (numbers: readonly number[]) =>
    ({ host }: HostOutcome): boolean =>
      numbers.includes(host.rank);
  const away = ranks.filter(isOf(missing)).slice(0, NAMED);
  return [
    ...away.map((outcome) => `${field('missing')}rank ${outcome.host.rank}${pidOf(outcome)}, ${whereabouts(outcome)}`),
    ...endedToo(ranks.filter(isOf(arrived))),
  ];
}

const pidOf = ({ host: { pid } }: HostOutcome): string => (pid === null ? '' : `, pid ${pid}`);

const whereabouts = (outcome: HostOutcome): string =>
  outcome.wasStopped ? 'was alive when the others gave up' : howItEnded(outcome);

/** The ranks of a node when another node was the first to fail. */
function bystanders({ ranks }: GroupOutcome, blame: Blame | undefined): readonly string[] {
  if (blame === undefined) return endedToo(ranks.filter(({ wasStopped }) => wasStopped));
  const { first, uncertain, others, ended } = blame;
  return [...also([first, ...uncertain, ...others], () => ', after that'), ...endedToo(ended)];
}

const also = (outcomes: readonly HostOutcome[], remark: (outcome: HostOutcome) => string): readonly string[] =>
  outcomes.slice(0, NAMED).map((outcome) => `${field('also')}rank ${outcome.host.rank} ${howItEnded(outcome)}${remark(outcome)}`);

const endedToo = (outcomes: readonly HostOutcome[]): readonly string[] =>
  outcomes.length === 0 ? [] : [`${field('ended')}${formatRanks(outcomes.map(({ host }) => host.rank))}, because of that`];

const field = (name: string): string => `    ${name === '' ? '' : `${name}:`}`.padEnd(14);
