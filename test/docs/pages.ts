import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/source-files.ts';

/** README.md and every page of docs/, from the root. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** A file of this repository. */
export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Whether something stands at a path from the root. */
export const exists = (path: string): boolean => existsSync(join(ROOT, path));

/** The rows of the tables below a heading, without their heads, cut into cells. */
export function rowsOf(page: string, heading: string): readonly (readonly string[])[] {
  const tables = sectionOf(page, heading).match(/(?:^\|.*\n?)+/gm) ?? [];
  const rows = tables.flatMap((table) => table.trimEnd().split('\n').slice(2));
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks in a cell. */
export const codesIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** What stands in backticks in the first cells of the tables below a heading. */
export const firstCells = (page: string, heading: string): readonly string[] =>
  rowsOf(page, heading).flatMap(([cell = '']) => codesIn(cell));

/** The text below a heading, up to the next heading of any level. */
export function sectionOf(page: string, heading: string): string {
  const lines = textOf(page).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '').replaceAll('`', '') === heading);
  if (start === -1) throw new RangeError(`${page} has no heading '${heading}'`);
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** The code blocks of a page in one language, with the line at which each begins. */
export function codeBlocks(page: string, language: string): readonly { readonly line: number; readonly code: string }[] {
  const text = textOf(page);
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(fence)].map(({ index, 1: code = '' }) => ({ line: text.slice(0, index).split('\n').length, code }));
}
