import { readFileSync, writeFileSync } from 'node:fs';
import { table } from '../markdown-table.ts';
import { ROOT } from '../source-files.ts';
import { HANG_PROGRAMS } from './programs.ts';

/** What became of a case, under either launcher. */
export interface Result {
  readonly title: string;
  readonly outcome: string;
  readonly tookMs: number | null;
}

/** The columns of each launcher; the last one is the slowest of its reports. */
export const COLUMNS = {
  'ckpt-run': ['right', 'rank only', 'unknown', 'wrong'],
  torchrun: ['right', 'wrong', 'nothing'],
} as const;

export type Launcher = keyof typeof COLUMNS;

const ALL = 'all';
const PAGE = `${ROOT}docs/program-hangs.md`;
const TABLE = /(?<=^<!-- corpus -->\n)[\s\S]*?(?=^<!-- end of corpus -->$)/m;

const LAUNCHERS = ['ckpt-run', 'torchrun'] as const;
const WIDTHS = LAUNCHERS.map((launcher) => COLUMNS[launcher].length + 1);

/** The table of one launcher's results, a row for each program that was played. */
export function tableOf(launcher: Launcher, results: readonly Result[]): string {
  return table(
    ['program', ...headOf(launcher)],
    [...rowsOf(launcher, results)].map(([title, cells]) => [title, ...cells]),
  );
}

/** Puts one launcher's results into the page; what it says of the other one stays. */
export function updatePage(launcher: Launcher, results: readonly Result[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const old = oldRows(TABLE.exec(page)?.[0] ?? '');
  const fresh = rowsOf(launcher, results);
  const rows = [...HANG_PROGRAMS.map(({ title }) => title), ALL].map((title) => [
    title,
    ...LAUNCHERS.flatMap((each, index) => {
      const cells = each === launcher ? fresh.get(title) : old.get(title)?.[index];
      return cells ?? Array.from({ length: WIDTHS[index] ?? 0 }, () => '–');
    }),
  ]);
  const text = table(['program', ...LAUNCHERS.flatMap(headOf)], rows);
  writeFileSync(
    PAGE,
    page.replace(TABLE, () => `${text}\n`),
  );
}

const headOf = (launcher: Launcher): readonly string[] =>
  [...COLUMNS[launcher], 'after'].map((column, index) => (index === 0 ? `${launcher}: ${column}` : column));

/** By program, in the order of the results, and of all. */
function rowsOf(launcher: Launcher, results: readonly Result[]): ReadonlyMap<string, readonly string[]> {
  const titles = [...new Set(results.map(({ title }) => title))];
  return new Map([
    ...titles.map(
      (title) =>
        [
          title,
          cellsOf(
            launcher,
            results.filter((result) => result.title === title),
          ),
        ] as const,
    ),
    [ALL, cellsOf(launcher, results)] as const,
  ]);
}

function cellsOf(launcher: Launcher, results: readonly Result[]): readonly string[] {
  const counts = COLUMNS[launcher].map((column) => results.filter(({ outcome }) => outcome === column).length);
  const times = results.flatMap(({ tookMs }) => tookMs ?? []);
  const slowest = times.length === 0 ? '–' : `${(Math.max(...times) / 1000).toFixed(1)} s`;
  return [...counts.map((count) => (count === 0 ? '' : String(count))), slowest];
}

/** The cells of each launcher in a table that was made earlier. */
function oldRows(text: string): ReadonlyMap<string, readonly (readonly string[])[]> {
  const rows = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const [first = 0, second = 0] = WIDTHS;
  const complete = rows.filter((cells) => cells.length === 1 + first + second);
  return new Map(complete.map(([title = '', ...cells]) => [title, [cells.slice(0, first), cells.slice(first)]]));
}
