import type { Json, JsonObject } from '../../shared/contracts/json.ts';
import { isJsonObject } from '../../shared/contracts/json.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import { saidOf, spellBarrier, spellMs } from '../../shared/policy/diagnosis/clauses.ts';
import { hangLines, headLine, section } from '../diagnosis/hang-lines.ts';
import { cropped } from '../diagnosis/line-width.ts';
import { pictureLines } from '../diagnosis/picture.ts';
import { failureLines } from '../outcome/failure-lines.ts';
import type { Inspection } from './inspection.ts';
import type { RankCondition } from './rank-conditions.ts';
import type { TimelineBarrier } from './timeline.ts';

/**
 * A run explained, in some sixty lines at most however many ranks it has: what was asked, who was where when, and its report
 * again.
 */
export function inspectionLines(inspection: Inspection, stderrTail: (rank: number) => readonly string[]): readonly string[] {
  const { plan, ranks, barriers, notRead, runDirectory } = inspection;
  return [
    headLine(`run ${inspection.runId}, attempt ${inspection.attempt}: ${stateWords(inspection)}`),
    ...section('asked', plan === null ? ['not known'] : [askedWords(plan)], 3),
    ...section('time', timeWords(inspection), 1),
    ...section('ranks', conditionWords(ranks), 8),
    ...section('barriers', barriers.length === 0 ? ['nobody has come to one'] : barriers.map(barrierWords), 8),
    ...timelineLines(barriers, inspection.worldSize),
    ...section('not read', notRead, 6),
    ...section('files', [runDirectory], 1),
    ...reportLines(inspection, stderrTail),
  ];
}

function stateWords({ state, report, aborted, ranks }: Inspection): string {
  if (report !== null) return `${report.failure?.kind ?? report.status}, exit code ${report.exitCode}`;
  if (state === 'running') return aborted === null ? 'running' : 'its ranks are being ended';
  const isUnseen = ranks.some(({ kind }) => kind === 'unseen');
  return isUnseen
    ? 'not ended, or its launcher was killed: there is no report.json, and its ranks cannot be looked at'
    : 'its launcher ended without a report: there is no report.json, and none of its ranks runs';
}

/** What stands in the plan, as far as it is what it should be. */
function askedWords(plan: JsonObject): string {
  const names = listIn(plan['scenarios']).flatMap((each) => (isJsonObject(each) ? [textOf(each['name'])] : []));
  const seconds = (field: string, what: string): readonly string[] => {
    const ms = plan[field];
    return typeof ms === 'number' ? [`${what} ${spellMs(ms)}`] : [];
  };
  const faults = listIn(plan['faults']).flatMap((each) => (isJsonObject(each) ? [faultWords(each)] : []));
  return [
    `${names.join(', ') || 'unknown scenarios'} on ${textOf(plan['worldSize'])} ${plan['worldSize'] === 1 ? 'rank' : 'ranks'}`,
    ...seconds('barrierTimeoutMs', 'barrier time-out'),
    ...seconds('hardTimeoutMs', 'hard time-out'),
    `seed ${textOf(plan['seed'])}`,
    ...(faults.length === 0 ? [] : [`faults ${faults.join('; ')}`]),
    `output directory ${textOf(plan['outputDir'])}`,
    `ckpt-run ${textOf(plan['ckptRun'])}`,
  ].join(', ');
}

const listIn = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

const textOf = (value: Json | undefined): string =>
  value === undefined ? 'unknown' : typeof value === 'string' ? value : JSON.stringify(value);

const faultWords = ({ kind, ...where }: JsonObject): string =>
  `${textOf(kind)}:${Object.entries(where)
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(',')}`;

const timeWords = ({ report }: Inspection): readonly string[] =>
  report === null ? [] : [`started ${report.startedAt}, took ${spellMs(report.durationMs)}`];

/** Ranks of which the same is to be said, together. */
function conditionWords(ranks: readonly RankCondition[]): readonly string[] {
  const groups = new Map<string, number[]>();
  for (const { rank, says } of ranks) groups.set(says, [...(groups.get(says) ?? []), rank]);
  return [...groups].map(([says, numbers]) => `${cropped(formatRanks(numbers), 60)}: ${saidOf(numbers.length, says)}`);
}

function barrierWords({ visits, firstAtMs, ...barrier }: TimelineBarrier): string {
  const waits = visits.filter(({ outcome }) => outcome === 'arrived').length;
  const aborted = visits.filter(({ outcome }) => outcome === 'aborted').length;
  const passed = visits.length - waits - aborted;
  const counts = [[passed, 'passed'], [aborted, 'gave it up'], [waits, 'came and did not go on']] as const; // biome-ignore format: a table
  const who = counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ');
  return `${cropped(spellBarrier(barrier), 70)}, first rank at ${new Date(firstAtMs).toISOString().slice(11, 23)}: ${who}`;
}

/** Ranks that are told of one by one. */
const TOLD_RANKS = 12;

/** When each rank came to the last barriers, after the first one that did. */
function timelineLines(barriers: readonly TimelineBarrier[], worldSize: number): readonly string[] {
  if (barriers.length === 0) return [];
  const everybody = Array.from({ length: worldSize }, (_, rank) => rank);
  // Where not all can be told of, those that are missing, and then those that were late.
  const told = worldSize <= TOLD_RANKS ? everybody : latestFirst(everybody, barriers).slice(0, TOLD_RANKS - 1);
  const rows = told.toSorted((a, b) => a - b).map((rank) => [`rank ${rank}`, ...barriers.map((each) => cell(each, rank))]);
  const table = [['barrier', ...barriers.map(({ sequence }) => `#${sequence}`)], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rest = everybody.filter((rank) => !told.includes(rank));
  return section(
    'timeline',
    lines.concat(rest.length === 0 ? [] : [`and ${cropped(formatRanks(rest), 60)}, no later`]),
    TOLD_RANKS + 2,
  );
}

function latestFirst(ranks: readonly number[], barriers: readonly TimelineBarrier[]): readonly number[] {
  const last = new Map(barriers.at(-1)?.visits.map((visit) => [visit.rank, visit.afterFirstMs]));
  const lateness = (rank: number): number => last.get(rank) ?? Number.MAX_VALUE;
  return ranks.toSorted((a, b) => lateness(b) - lateness(a) || a - b);
}

function cell({ visits, name }: TimelineBarrier, rank: number): string {
  const visit = visits.find((each) => each.rank === rank);
  if (visit === undefined) return '-';
  const other = visit.name === name ? '' : ` at ${cropped(JSON.stringify(visit.name), 24)}`;
  const after = `+${spellMs(visit.afterFirstMs)}${other}`;
  switch (visit.outcome) {
    case 'passed':
      return after;
    case 'aborted':
      return `${after}, gave up`;
    case 'arrived':
      return `${after}, waits`;
  }
}

/** What was said of it when it ended, or what is to be said now. */
function reportLines(
  { report, picture, evidence, diagnosis, aborted }: Inspection,
  stderrTail: (rank: number) => readonly string[],
): readonly string[] {
  if (picture !== null) return pictureLines(picture);
  const failure = report?.failure ?? null;
  if ((failure?.kind === 'hang' || failure?.kind === 'timeout') && diagnosis !== null && evidence !== null)
    return hangLines(failure.error, diagnosis, evidence);
  if (failure !== null) return failureLines(failure, report?.ranks ?? [], stderrTail);
  if (aborted === null) return [];
  const says = `${spellBarrier(aborted)} was given up: arrived ${formatRanks(aborted.arrived)}, missing ${formatRanks(aborted.missing)}`;
  if (diagnosis !== null && evidence !== null)
    return hangLines({ code: 'CKPT_BARRIER_MISMATCH', message: says }, diagnosis, evidence);
  return [
    headLine(`HANG: ${says}`),
    ...section('verdict', ['none: nothing tells what kept a rank away that has ended since'], 1),
  ];
}
