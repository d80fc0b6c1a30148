import { readFileSync, writeFileSync } from 'node:fs';
import { HANG_CLASSES, type HangClass } from '../../shared/contracts/diagnosis.ts';
import { ROOT } from '../source-files.ts';
import { everyCase, type HangCase } from './hang-case.ts';
import { type Played, playCase } from './play-case.ts';
import { sideBySide } from './side-by-side.ts';

/** Cases are mostly waiting, but eight ranks need a core to start on. */
const WIDTH = 2;

const WORLD_SIZES = [2, 4, 8];

/** At most so long after the ranks have given up. */
const LONGEST_MS = 2000;

const PAGE = `${ROOT}docs/hangs.md`;
const TABLE = /(?<=^<!-- corpus -->\n)[\s\S]*?(?=^<!-- end of corpus -->$)/m;

/** Plays the cases whose class, number or fault contains the filter; prints what is wrong, and the table. Gives the exit code. */
export async function playCorpus(filter: string): Promise<number> {
  const cases = everyCase(WORLD_SIZES).filter((hang) => spell(hang).includes(filter));
  if (cases.length === 0) {
    console.log(`hangs: got ${JSON.stringify(filter)}, expected healthy, or part of a class or a fault`);
    return 2;
  }
  const played = await sideBySide(WIDTH, cases, async (hang) => {
    const result = await playCase(hang);
    if (result.outcome !== 'right') console.log(`${spell(hang)}: ${result.problems.join('; ')}\n${result.stderr}`);
    if (isLate(result)) console.log(`${spell(hang)}: said after ${result.tookMs} ms, at most ${LONGEST_MS}`);
    return result;
  });
  const table = tableOf(cases, played);
  console.log(table);
  if (process.env['UPDATE_DOCS'] === '1' && filter === '') {
    const page = readFileSync(PAGE, 'utf8');
    writeFileSync(
      PAGE,
      page.replace(TABLE, () => `${table}\n`),
    );
  }
  return played.every((result) => result.outcome === 'right' && !isLate(result)) ? 0 : 1;
}

const isLate = ({ tookMs }: Played): boolean => tookMs !== null && tookMs > LONGEST_MS;

const spell = (hang: HangCase): string => `${HANG_CLASSES[hang.class]} ${hang.class} ${hang.args.join(' ')}`;

/** Class × right, wrong, unknown, and the slowest report. */
function tableOf(cases: readonly HangCase[], played: readonly Played[]): string {
  const classes = [...new Set(cases.map((hang) => hang.class))];
  const rows = [...classes.map((name) => rowOf(`${HANG_CLASSES[name]} \`${name}\``, resultsOf(name))), rowOf('all', played)];
  const cells = [['class', 'cases', 'right', 'wrong', 'unknown', 'slowest report'], ...rows];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const [head = '', ...body] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');

  function resultsOf(name: HangClass): readonly Played[] {
    return played.filter((_, index) => cases[index]?.class === name);
  }
}

function rowOf(title: string, played: readonly Played[]): readonly string[] {
  const count = (outcome: Played['outcome']): string => String(played.filter((each) => each.outcome === outcome).length);
  const slowest = Math.max(...played.map(({ tookMs }) => tookMs ?? 0));
  return [title, String(played.length), count('right'), count('wrong'), count('unknown'), `${(slowest / 1000).toFixed(1)} s`];
}
