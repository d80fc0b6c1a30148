import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryOf, JournalEntry, JournalEvent } from '../../shared/contracts/journal.ts';
import { nodeDisk } from '../../shared/platform/disk.ts';
import { readJournal } from '../../shared/platform/journal-file.ts';
import { BENCH_ENVIRONMENT, printTable, quantile, ROOT } from './measure.ts';

const ROUNDS = 5;
const COLUMNS = [
  'ranks',
  'on',
  'launcher',
  'rank start',
  'training',
  'of it at barriers',
  'verification',
  'end',
  'total',
  'MB a rank',
];

/** Says where the time of a run goes, from the journals of its ranks; disk against memory shows what fsync costs. */
export async function benchBreakdown(): Promise<void> {
  const places = [tmpdir(), ...(nodeDisk.kindOf('/dev/shm') === 'directory' ? ['/dev/shm'] : [])];
  const rows = [1, 2, 4].flatMap((ranks) => places.map((place) => breakdown(ranks, place)));
  printTable('Where the time goes, medians in ms', COLUMNS, rows);
}

function breakdown(ranks: number, place: string): readonly string[] {
  const runs = Array.from({ length: ROUNDS }, () => measure(ranks, place));
  const medians = Array.from({ length: 8 }, (_, column) =>
    quantile(
      runs.map((run) => run[column] ?? Number.NaN).sort((a, b) => a - b),
      0.5,
    ),
  );
  return [String(ranks), place, ...medians.map((value) => value.toFixed(0))];
}

function measure(ranks: number, place: string): readonly number[] {
  const directory = mkdtempSync(join(place, 'ckpt-run-bench-'));
  try {
    const startedAtMs = Date.now();
    const args = ['dist/ckpt-run.cjs', `--nproc-per-node=${ranks}`, '--keep-outputs', '--output-dir', join(directory, 'out')];
    const { status } = spawnSync(process.execPath, args, { cwd: ROOT, env: BENCH_ENVIRONMENT, stdio: 'ignore' });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
    return phases(journalOfRank0(join(directory, 'out')), startedAtMs, Date.now());
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function journalOfRank0(outputDir: string): readonly JournalEvent[] {
  const [plan] = readdirSync(join(outputDir, '.ckpt-run'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('plan.json'),
  );
  if (plan === undefined) throw new Error(`no run in ${outputDir}`);
  return readJournal(nodeDisk, join(outputDir, '.ckpt-run', plan, '..', 'journal', 'rank-0.jsonl')).events;
}

function phases(events: readonly JournalEvent[], startedAtMs: number, endedAtMs: number): readonly number[] {
  const [started] = all(events, 'rank:started');
  const [finished] = all(events, 'rank:finished');
  if (started === undefined || finished === undefined) throw new Error('the journal of rank 0 is incomplete');
  const { bootMs = Number.NaN } = started;
  const ends = all(events, 'barrier:passed').filter(({ name }) => name.endsWith('/end'));
  const verifiedMs = all(events, 'verdict:reached').reduce(
    (sum, verdict, index) => sum + verdict.atMs - (ends[index]?.atMs ?? Number.NaN),
    0,
  );
  const barriersMs = all(events, 'barrier:passed').reduce((sum, { waitedMs }) => sum + waitedMs, 0);
  return [
    started.atMs - bootMs - startedAtMs,
    bootMs,
    finished.atMs - started.atMs - verifiedMs,
    barriersMs,
    verifiedMs,
    endedAtMs - finished.atMs,
    endedAtMs - startedAtMs,
    finished.peakMemoryBytes / 1e6,
  ];
}

const all = <T extends JournalEntry['type']>(
  events: readonly JournalEvent[],
  type: T,
): readonly (EntryOf<T> & { readonly atMs: number })[] =>
  events.filter((event): event is EntryOf<T> & { readonly atMs: number } => event.type === type);
