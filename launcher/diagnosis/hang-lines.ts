import {
  type Diagnosis,
  HANG_CLASSES,
  type HangEvidence,
  type HangVerdict,
  isSeen,
  type RankEvidence,
  type RankState,
} from '../../shared/contracts/diagnosis.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import { saidOf, spellMs, spellPlace, spellRanks } from '../../shared/policy/diagnosis/clauses.ts';
import { cropped, wrapped } from './line-width.ts';

/** What is printed of a hang, or of a run that took too long: the barrier, the verdict, who is where, and what speaks for and against it. At most 25 lines. */
export function hangLines(
  { code, message }: Pick<SerializedError, 'code' | 'message'>,
  diagnosis: Diagnosis,
  evidence: HangEvidence,
  telling: Telling = {},
): readonly string[] {
  // Who takes too long need not hang.
  const head = headLine(code === 'CKPT_RUN_TIMEOUT' ? message : `HANG: ${message}`);
  return [`${head}  [${code}]`, ...diagnosisLines(diagnosis, evidence, telling)];
}

/** Whom it is told. */
interface Telling {
  /** Paths below it are spelled from there. */
  readonly workingDirectory?: string | undefined;
  /** The run directory goes when the run has ended. */
  readonly isDiscarded?: boolean | undefined;
}

/** The first line says all that people search for, and may be longer than the others. */
export const headLine = (says: string): string => cropped(`ckpt-run: ${says}`, MOST_OF_THE_HEAD);

const MOST_OF_THE_HEAD = 200;

/** What stands below the first line, whether ranks gave a barrier up or wait at it. */
export function diagnosisLines(
  { barrier, verdict, states }: Diagnosis,
  evidence: HangEvidence,
  { workingDirectory = '/', isDiscarded = false }: Telling = {},
): readonly string[] {
  const section = sectionsNear(workingDirectory);
  const arrived = new Set(barrier?.arrivals.map(({ rank }) => rank));
  const away = evidence.ranks.filter(({ rank }) => !arrived.has(rank));
  return [
    ...verdictWords(verdict, workingDirectory),
    ...(barrier === null ? [] : section('arrived', [arrivedWords({ barrier })], 1)),
    ...section(barrier === null ? 'ranks' : 'missing', missingWords(away), TOLD + 1),
    ...section('states', stateWords(states, culpritsOf(verdict)), TOLD_STATES),
    ...section('evidence', verdict.evidence, 5),
    ...section('why not', [verdict.whyNot.join('; ')], 4),
    ...section('fix', [verdict.hint], 2),
    ...section('files', [isDiscarded ? 'removed: --discard-outputs' : filesWords(evidence, verdict)], 1),
  ];
}

/** The verdict alone. */
export const verdictWords = (verdict: HangVerdict, workingDirectory: string): readonly string[] =>
  sectionsNear(workingDirectory)('verdict', [`${verdict.says}  [${titleOf(verdict)}]`, ...placeOf(verdict)], 3);

/** What ranks do, where there is nothing to explain. */
export const stateLines = (states: readonly RankState[]): readonly string[] =>
  section('states', stateWords(states, []), TOLD_STATES);

/** Its class alone, where the rest is said already; nothing of one that is unknown. */
export const classLine = (verdict: HangVerdict): readonly string[] =>
  verdict.class === 'unknown' ? [] : section('verdict', [titleOf(verdict)], 1);

const LABEL_WIDTH = 14;

/** Lines under one label: every text begins a line, long ones go on below, and what is too much is counted. */
type Section = (label: string, texts: readonly string[], most: number) => readonly string[];

/** Paths below a directory are spelled from there. */
const sectionsNear =
  (directory: string): Section =>
  (label, texts, most) => {
    const near = texts.filter((text) => text !== '').map((text) => withoutPrefix(text, directory));
    const lines = wrapped(near, LABEL_WIDTH, most);
    return lines.map((line, index) => `${`    ${index === 0 ? `${label}:` : ''}`.padEnd(LABEL_WIDTH)}${line}`);
  };

/** Where a path begins, and not within another one. */
const withoutPrefix = (text: string, directory: string): string =>
  directory === '/'
    ? text
    : text
        .split(`${directory}/`)
        .reduce((before, after) => (/[\w./-]$/.test(before) ? `${before}${directory}/${after}` : `${before}${after}`));

/** The same with paths as they are. */
export const section: Section = (label, texts, most) => sectionsNear('/')(label, texts, most);

const titleOf = (verdict: Diagnosis['verdict']): string =>
  verdict.class === 'unknown' ? 'unknown' : `${HANG_CLASSES[verdict.class]} ${verdict.class}, ${verdict.confidence}`;

const placeOf = (verdict: Diagnosis['verdict']): readonly string[] =>
  verdict.class === 'unknown' || verdict.place === null ? [] : [spellPlace(verdict.place)];

function arrivedWords({ barrier }: Pick<Diagnosis, 'barrier'>): string {
  const arrivals = (barrier?.arrivals ?? []).toSorted((a, b) => a.arrivedAtMs - b.arrivedAtMs);
  const [first, last] = [arrivals.at(0), arrivals.at(-1)];
  if (first === undefined || last === undefined) return 'nobody';
  const who = formatRanks(arrivals.map(({ rank }) => rank));
  if (first === last) return who;
  const later = spellMs(last.arrivedAtMs - first.arrivedAtMs);
  return `${cropped(who, 60)} (first rank ${first.rank}, last rank ${last.rank}, ${later} later)`;
}

/** How many missing ranks are told of one by one. */
const TOLD = 2;

function missingWords(away: readonly RankEvidence[]): readonly string[] {
  const rest = away.slice(TOLD);
  return [...away.slice(0, TOLD).map(lastOf), ...(rest.length === 0 ? [] : [`and ${spellRanks(rest)}`])];
}

const lastOf = ({ rank, pid, end, lastRecord, processes, heartbeat }: RankEvidence): string =>
  [
    `rank ${rank}`,
    pid === null ? 'never started' : `pid ${pid}`,
    ...(pid === null || end !== null || !(isSeen(processes) || isSeen(heartbeat)) ? [] : ['alive']),
    lastRecord === null ? 'nothing in its journal' : `last record ${spellMs(lastRecord.agoMs)} ago: ${lastRecord.what}`,
  ].join(', ');

/** How many states are told. */
const TOLD_STATES = 5;

/** In rank order, but where that would leave the culprits out. */
function stateWords(states: readonly RankState[], culprits: readonly number[]): readonly string[] {
  const isBlamed = ({ ranks }: RankState): boolean => ranks.some((rank) => culprits.includes(rank));
  const ordered = states.length <= TOLD_STATES ? states : states.toSorted((a, b) => Number(isBlamed(b)) - Number(isBlamed(a)));
  return ordered.map(({ ranks, state, place }) => {
    const where = place === null ? '' : `, ${spellPlace(place)}`;
    return `${cropped(formatRanks(ranks), 60)}: ${saidOf(ranks.length, state)}${where}`;
  });
}

const culpritsOf = (verdict: Diagnosis['verdict']): readonly number[] => (verdict.class === 'unknown' ? [] : verdict.ranks);

/** The journals of those that are blamed, or of all. */
function filesWords({ runDirectory }: HangEvidence, verdict: Diagnosis['verdict']): string {
  const ranks = culpritsOf(verdict);
  const journals = ranks.length === 1 ? `journal/rank-${ranks[0]}.jsonl` : 'journal/rank-*.jsonl';
  return `${journals} in ${runDirectory}`;
}
