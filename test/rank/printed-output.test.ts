import { expect, test } from 'vitest';
import { simulationNotice } from '../../rank/faults/simulation.ts';
import { measureOutput } from '../../rank/printed-output.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { runDirectory } from '../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../e2e/run-command.ts';
import { put } from '../launcher/diagnosis/barrier-remains.ts';
import { worldOf } from './group-run.ts';

test.for<[string, { stdout?: string; stderr?: string }, number]>([
  ['nothing', {}, 0],
  ['what it prints on both streams, in bytes', { stdout: 'é\n', stderr: 'oh\n' }, 6],
  ['nothing of its visitors', { stderr: 'Debugger attached.\n' }, 0],
  ['nothing of what was simulated', { stderr: simulationNotice(1, 'hold-lock') }, 0],
  ['what stands between', { stderr: `a\n${simulationNotice(1, 'skew-clock')}b\nDebugger attached.\nc\n` }, 6],
])('a rank is told to have printed %s', ([, { stdout = '', stderr = '' }, bytes]) => {
  const run = runDirectory(temporaryDirectory());
  put(run.stdout(1), stdout);
  put(run.stderr(1), stderr);
  const entries: JournalEntry[] = [];
  const journal = { append: (entry: JournalEntry) => void entries.push(entry) };
  measureOutput({ world: worldOf(1, 2), run, platform: nodePlatform(), journal });
  expect(entries).toEqual([{ type: 'output:measured', bytes }]);
});
