import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { train } from '../../rank/training/trainer.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';
import { temporaryDirectory } from '../e2e/run-command.ts';
import { soloContext } from './solo-context.ts';

/** Saves at 25, 50, 75 and 100 and keeps one. */
const SCENARIO = resolveScenario(
  { name: 'mine', summary: 'of a test', metric: (step) => 1 / step, saveTotalLimit: 1, preserveNBest: 1 },
  {},
  1,
);

interface Trained {
  readonly directory: string;
  readonly journal: readonly JournalEntry[];
  readonly end: string;
}

/** Trains; `before` is told every entry of the journal, and its directory, and says that the launcher has died. */
async function trainUntil(before: (entry: JournalEntry, directory: string) => boolean): Promise<Trained> {
  const directory = temporaryDirectory();
  const journal: JournalEntry[] = [];
  let isAbandoned = false;
  const onEntry = (entry: JournalEntry): void => {
    journal.push(entry);
    isAbandoned ||= before(entry, directory);
  };
  const check = (): void => {
    if (isAbandoned) throw new Error('ended by the lifeline');
  };
  const context = soloContext(directory, onEntry, check);
  const end = await train(context, SCENARIO, directory).catch((error: unknown) => String(error));
  return { directory, journal, end };
}

const checkpointsIn = (directory: string): readonly string[] => readdirSync(directory).filter((name) => /^checkpoint/.test(name));

test('a rank whose launcher lives keeps one checkpoint', async () => {
  const { directory, end } = await trainUntil(() => false);
  expect(end).toBe('completed');
  expect(readdirSync(directory)).toEqual(['checkpoint-100']);
});

test('a rank whose launcher has died commits nothing more', async () => {
  const { directory, end } = await trainUntil((entry) => entry.type === 'save:started' && entry.step === 75);
  expect(end).toContain('ended by the lifeline');
  expect(checkpointsIn(directory)).toEqual(['checkpoint-50']);
});

test('a rank whose launcher has died deletes nothing more', async () => {
  const { directory, end } = await trainUntil((entry) => entry.type === 'retention:decided' && entry.step === 75);
  expect(end).toContain('ended by the lifeline');
  expect(checkpointsIn(directory).toSorted()).toEqual(['checkpoint-50', 'checkpoint-75']);
});

test('a checkpoint that another run has put in the place of ours is not deleted', async () => {
  const { directory, journal } = await trainUntil((entry, at) => {
    if (entry.type !== 'retention:decided' || entry.step !== 75) return false;
    const manifest = join(at, 'checkpoint-50', 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"runId": "mine"', '"runId": "theirs"'));
    return false;
  });
  expect(checkpointsIn(directory).toSorted()).toEqual(['checkpoint-100', 'checkpoint-50']);
  expect(journal.flatMap((entry) => (entry.type === 'checkpoint:deleted' ? [entry.step] : []))).toEqual([25, 75]);
});
