import type { ProgramHang, ProgramPlace, ProgramRankLook, ProgramVerdict } from '../../shared/contracts/program-hang.ts';
import { spellRankList } from '../../shared/contracts/rank-set.ts';
import { classesOf } from '../../shared/policy/program-hang/rank-doing.ts';
import { cropped, wrapped } from '../diagnosis/line-width.ts';

/** So many classes of ranks, and missing sources, are told. */
const TOLD = { classes: 12, notSeen: 3 } as const;
const MARGIN = 14;

/** The first line of a picture: for how long nothing has moved, and what keeps it. */
export const hangMessage = ({ quietMs, verdict }: ProgramHang): string =>
  `HANG: nothing has moved for ${Math.round(quietMs / 100) / 10} s: ${verdict.says}`;

/** A program in which nothing moves, on one screen: who keeps it, and the ranks by what they are in. At most 25 lines. */
export const hangLines = (hang: ProgramHang, workingDirectory: string): readonly string[] => [
  hangMessage(hang),
  ...hangDetails(hang, workingDirectory),
  ...section('fix', [hang.verdict.hint], 2),
];

/** Ranks that go on, by what they are in. */
export const classLines = (looks: readonly ProgramRankLook[]): readonly string[] =>
  classesOf(looks).map(({ ranks, says }) => `[${spellRankList(ranks)}] ${says}`);

/** What stands between the message and what to do. */
export function hangDetails({ verdict, classes, notSeen }: ProgramHang, workingDirectory: string): readonly string[] {
  const near = (text: string): string => text.replaceAll(`${workingDirectory}/`, '');
  const rest = classes.slice(TOLD.classes).flatMap(({ ranks }) => ranks);
  const told = classes.slice(0, TOLD.classes).map(({ ranks, says }) => `[${spellRankList(ranks)}] ${near(says)}`);
  return [
    ...section('verdict', [near(verdictWords(verdict))], 2),
    ...[...told, ...(rest.length === 0 ? [] : [`[${spellRankList(rest)}] …`])].map(
      (line, at) => `${field(at === 0 ? 'ranks' : '')}${cropped(line, 130 - MARGIN)}`,
    ),
    ...section('not seen', notSeen, TOLD.notSeen),
  ];
}

function verdictWords(verdict: ProgramVerdict): string {
  if (verdict.class === 'unknown') return '[unknown]';
  const { ranks, place } = verdict;
  const who = `rank${ranks.length === 1 ? '' : 's'} ${spellRankList(ranks)}`;
  return `${who}${place === null ? '' : `, ${spellPlace(place)}`}  [${verdict.class}, ${verdict.confidence}]`;
}

const spellPlace = ({ functionName, file, line }: ProgramPlace): string =>
  `${functionName === null || functionName === '<module>' ? '' : `${functionName} at `}${file}${line === null ? '' : `:${line}`}`;

const section = (name: string, texts: readonly string[], most: number): readonly string[] =>
  wrapped(texts, MARGIN, most).map((line, at) => `${field(at === 0 ? name : '')}${line}`);

const field = (name: string): string => `    ${name === '' ? '' : `${name}:`}`.padEnd(MARGIN);
