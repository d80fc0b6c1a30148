import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ERROR_CODES } from '../shared/contracts/errors.ts';
import { filesUnder, ROOT, type SourceFile } from './source-files.ts';

const MAX_LINES = 250;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d)?\.(?:ts|md)$/;
const VAGUE_NAME = /^(?:utils?|helpers?|common|types|misc)\./;
// Spelled so that this file passes its own check.
const POSTPONED = /\b(?:TO[D]O|FIX[M]E|XX[X]\b)/;
const EXPORT = /^export (?:default )?(?:declare |abstract |async )*(?:class|const|enum|function|interface|let|type \w)/;
const DERIVED = /^export type \w+ = (?:\(|keyof )typeof /;
const LINK = /\]\(([^)\s]+)\)/g;

const nameProblems = ({ path }: SourceFile): readonly string[] => {
  const name = basename(path);
  if (VAGUE_NAME.test(name)) return [`${path}: '${name}' says nothing; name the file after its idea`];
  return NAME.test(name) ? [] : [`${path}: rename it to kebab-case`];
};

const sizeProblems = ({ path, text }: SourceFile): readonly string[] => {
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES ? [`${path}: ${lines} lines, at most ${MAX_LINES}; split it by idea`] : [];
};

const postponedProblems = ({ path, text }: SourceFile): readonly string[] =>
  text.split('\n').flatMap((line, index) => (POSTPONED.test(line) ? [`${path}:${index + 1}: do it now or delete the note`] : []));

/** One docstring may stand for a paragraph of exports; a type read off the value above it needs none. */
const docProblems = ({ path, text }: SourceFile): readonly string[] => {
  const undocumented = text.split(/\n\s*\n/).filter((paragraph) => !/^\s*(?:\/\/.*\n)*\/\*\*/.test(paragraph));
  const exports = undocumented
    .flatMap((paragraph) => paragraph.split('\n'))
    .filter((line) => EXPORT.test(line) && !DERIVED.test(line));
  return exports.map((line) => `${path}: say in a docstring what '${line.slice(0, 60)}' is`);
};

const linkProblems = ({ path, text }: SourceFile): readonly string[] =>
  [...text.matchAll(LINK)].flatMap(([, target = '']) => {
    const file = target.split('#', 1)[0] ?? '';
    if (file === '' || /^[a-z]+:/.test(file) || existsSync(join(ROOT, dirname(path), file))) return [];
    return [`${path}: the link to ${target} leads nowhere`];
  });

const errorPageProblems = (pages: readonly SourceFile[]): readonly string[] => {
  const text = pages.find(({ path }) => path === 'docs/errors.md')?.text ?? '';
  const headings = new Set([...text.matchAll(/^#+ +`?(CKPT_[A-Z_]+)`?/gm)].map(([, code = '']) => code));
  const codes = new Set<string>(ERROR_CODES);
  return [
    ...[...codes].filter((code) => !headings.has(code)).map((code) => `docs/errors.md: ${code} has no heading; explain it`),
    ...[...headings].filter((code) => !codes.has(code)).map((code) => `docs/errors.md: ${code} is no longer an error; delete it`),
  ];
};

const readme = (): readonly SourceFile[] =>
  ['README.md']
    .filter((path) => existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** Everything about style and documentation that a reader would trip over, each with what to do. */
export function tidyProblems(): readonly string[] {
  const sources = filesUnder(['launcher', 'rank', 'shared', 'scenarios', 'scripts'], ['.ts']);
  const tests = filesUnder(['test'], ['.ts']);
  const pages = filesUnder(['docs'], ['.md']);
  return [
    ...[...sources, ...tests, ...pages].flatMap(nameProblems),
    ...[...sources, ...tests].flatMap((file) => [...sizeProblems(file), ...postponedProblems(file)]),
    ...sources.flatMap(docProblems),
    ...[...readme(), ...pages].flatMap(linkProblems),
    ...errorPageProblems(pages),
  ];
}
