import { expect, test } from 'vitest';
import type { HangVerdict } from '../../shared/contracts/diagnosis.ts';
import { sandbox, scenarioText } from './sandbox.ts';

/** A callback of the user's in TypeScript: what is stripped from it moves no line. */
const BEFORE = `type Given = { readonly rank: number; readonly step: number };
interface Nothing { readonly never: true }
const hang = async ({ rank, step }: Given, wait: () => Promise<unknown>): Promise<void> => {
  if (rank !== 1 || step !== 50) return;
  // Without it the process would end, and not hang.
  setInterval(() => undefined, 1000);
  await wait();
};
`;

test.for([
  ['a promise that nobody settles', 'onSave', 'state', 'new Promise(() => undefined)'],
  ['a timer that is far away', 'onSave', 'state', 'new Promise((resolve) => setTimeout(resolve, 1e9))'],
  ['a promise in its second argument', 'onEvaluate', 'metrics: unknown, state', 'new Promise(() => undefined)'],
] as const)('a callback that awaits %s is named with the line of the user', async ([, hook, parameters, awaited]) => {
  const box = sandbox();
  const text = scenarioText(
    `callbacks: () => [
      { name: 'Mine',
        ${hook}: async (${parameters}: Given) => hang(state, () => ${awaited}),
      },
    ],`,
    BEFORE,
  );
  const file = box.write('mine.ts', text);
  const args = ['--scenario=./mine.ts', '--nproc-per-node=2', '--barrier-timeout=2', '--quiet', '--discard-outputs'];
  const { code, report, stderr } = await box.runForReport(args);
  expect(code, stderr).toBe(124);
  const line = text.split('\n').findIndex((each) => each.includes(`${hook}: async`)) + 1;
  const verdict: HangVerdict | undefined = report.diagnosis?.verdict;
  expect(verdict).toMatchObject({ class: 'stuck-await', ranks: [1], place: { file, line, functionName: hook } });
  expect(stderr).toContain(`in callback Mine.${hook}`);
  expect(stderr).toMatch(new RegExp(`^ {14}${hook} at .*mine\\.ts:${line}:\\d+$`, 'm'));
});

test('a file that awaits for ever at its top is named, without a line, for nobody knows it, and not what loads it', async () => {
  const box = sandbox();
  const wait = `if (process.env['RANK'] === '1') {
  setInterval(() => undefined, 1000);
  await new Promise(() => undefined);
}
`;
  const file = box.write('mine.mts', scenarioText('', wait));
  const args = ['--scenario=./mine.mts', '--nproc-per-node=2', '--barrier-timeout=2', '--quiet', '--discard-outputs'];
  const { code, report, stderr } = await box.runForReport(args);
  expect(code, stderr).toBe(124);
  expect(report.diagnosis?.verdict).toMatchObject({
    class: 'stuck-await',
    ranks: [1],
    place: { file, line: null, column: null },
  });
  expect(stderr).toMatch(/^ {14}.*mine\.mts, line not known$/m);
  expect(stderr).not.toContain('mine.mts:');
  expect(stderr).toMatch(/^ {14}rank 1: is idle in loading .*mine\.mts$/m);
});
