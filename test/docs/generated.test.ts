import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { INVARIANTS } from '../../shared/policy/invariants/index.ts';
import { INVARIANT_GROUPS } from '../../shared/policy/invariants/invariant.ts';
import { PAGES, textOf } from './pages.ts';
import { TABLES } from './tables.ts';
import { VERIFICATION, WHAT_GETS_TESTED } from './users-document.ts';

const BLOCK = /^<!-- (table|file): (\S+) -->\n[\s\S]*?^<!-- end -->$/gm;

async function contentOf(kind: string, name: string): Promise<string> {
  if (kind === 'file') return `\`\`\`${name.slice(name.lastIndexOf('.') + 1)}\n${textOf(name)}\`\`\``;
  const content = TABLES[name];
  if (content === undefined) throw new RangeError(`there is no table called ${name}`);
  return `${await content()}`;
}

/** A page with every block between markers as the sources say it now. */
async function regenerated(page: string): Promise<string> {
  let text = textOf(page);
  for (const [block, kind = '', name = ''] of text.matchAll(BLOCK)) {
    const content = await contentOf(kind, name);
    text = text.replace(block, () => `<!-- ${kind}: ${name} -->\n${content}\n<!-- end -->`);
  }
  return text;
}

// UPDATE_DOCS=1 writes what is compared otherwise.
test.for(PAGES)('%s shows the tables and files that the sources make', async (page) => {
  const text = await regenerated(page);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, page), text);
  expect(textOf(page)).toBe(text);
});

test('every table is shown somewhere', () => {
  const shown = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(BLOCK)].flatMap(([, kind, name]) => (kind === 'table' ? [name] : [])),
  );
  expect(shown.sort()).toEqual(Object.keys(TABLES).sort());
});

test.for(INVARIANT_GROUPS)('each line of "%s" is covered by an invariant, and no invariant by another line', (group) => {
  const covered = INVARIANTS.filter((invariant) => invariant.group === group).map(({ covers }) => covers);
  expect([...new Set(covered)].sort()).toEqual([...WHAT_GETS_TESTED[group]].sort());
});

test('each point under "Verification" names an invariant', () => {
  const names = INVARIANTS.map(({ name }) => name);
  expect(VERIFICATION.filter(({ invariant }) => !names.includes(invariant))).toEqual([]);
});
