import { expect, test } from 'vitest';
import { codesIn, exists, firstCells, PAGES, rowsOf, textOf } from './pages.ts';

const PATH = /`((?:launcher|rank|shared|scenarios|scripts|test|docs)\/[\w./-]*)`/g;

test.for(PAGES)('every path of ours in %s is there', (page) => {
  const paths = [...textOf(page).matchAll(PATH)].flatMap(([, path]) => path ?? []);
  expect(paths.filter((path) => !exists(path))).toEqual([]);
});

test.for(PAGES)('README.md leads to %s', (page) => {
  if (page !== 'README.md') expect(textOf('README.md')).toContain(`(${page})`);
});

test('docs/dependencies.md has every package and no other', () => {
  const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>;
  const packages = ['dependencies', 'devDependencies'].flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  const cells = firstCells('docs/dependencies.md', 'Dependencies');
  expect([...cells].sort()).toEqual(packages.sort());
});

test('each owner in docs/dependencies.md uses its package', () => {
  const rows = rowsOf('docs/dependencies.md', 'Dependencies').map((cells) => cells.map((cell) => codesIn(cell)[0]));
  expect(rows.length).toBeGreaterThan(10);
  for (const [name = '', , file = ''] of rows) {
    const mentioned = name.replace('@types/', '');
    expect([name, textOf(file).includes(mentioned)]).toEqual([name, true]);
  }
});

test('the licence that package.json names is there, and is packed', () => {
  const { license, files } = JSON.parse(textOf('package.json')) as {
    readonly license: string;
    readonly files: readonly string[];
  };
  expect(textOf('LICENSE')).toMatch(new RegExp(`^${license} License\n`));
  expect(files).toContain('LICENSE');
});
