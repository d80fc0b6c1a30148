import { expect, test } from 'vitest';
import { sandbox } from '../e2e/sandbox.ts';
import { fieldsOf } from './contract-fields.ts';
import { codesIn, firstCells, rowsOf, textOf } from './pages.ts';

const PAGE = 'docs/protocol.md';

/** Each type of event with its fields, as the page has them. */
const documentedEvents = (): ReadonlyMap<string, readonly string[]> =>
  new Map(rowsOf(PAGE, 'Events').map(([type = '', fields = '']) => [codesIn(type)[0] ?? '', codesIn(fields)]));

test('the page has every type of event, and no other', () => {
  const types = [...textOf('shared/contracts/journal.ts').matchAll(/readonly type: '([\w:]+)'/g)].map(([, type]) => type);
  expect([...documentedEvents().keys()]).toEqual(types);
});

test('real journals have the events and fields of the page', async () => {
  const box = sandbox();
  await box.run(['--nproc-per-node=2', '--scenario=spike', '--output-dir=out', '--keep-outputs', '--quiet']);
  const [runId = ''] = box.list('out/.ckpt-run').filter((name) => !name.startsWith('lease'));
  const events = [0, 1].flatMap(
    (rank) =>
    box.read(`out/.ckpt-run/${runId}/attempt_0/journal/rank-${rank}.jsonl`).trimEnd().split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string }), // biome-ignore format: a chain
  );
  const documented = documentedEvents();
  for (const event of events) {
    const fields = Object.keys(event).filter((field) => field !== 'type' && field !== 'atMs');
    expect([event.type, fields.sort()]).toEqual([event.type, [...(documented.get(event.type) ?? [])].sort()]);
  }
  expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(15);
});

test.for([
  ['The plan', 'shared/contracts/run-plan.ts', 'RunPlan', []],
  ['The manifest', 'shared/contracts/checkpoint.ts', 'Manifest', []],
  ['The arrival', 'shared/contracts/barrier.ts', 'Arrival', ['sequence', 'name']],
] as const)('"%s" has the fields of the contract', ([heading, file, declaration, inherited]) => {
  expect(firstCells(PAGE, heading)).toEqual([...inherited, ...fieldsOf(file, declaration)]);
});
