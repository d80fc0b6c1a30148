import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type RoundPlaces, roundProblems } from './round-judgement.ts';
import { type Launcher, startLauncher } from './round-launcher.ts';
import type { RoundPlan } from './round-plan.ts';
import { contentOf } from './round-remains.ts';

/** Each rank prints, has a child and strays, and says which process it is. */
const PROGRAM = `
  echo $$ > "$CHAOS_TOLD/.$RANK.$$" && mv "$CHAOS_TOLD/.$RANK.$$" "$CHAOS_TOLD/$RANK"
  seq 100; seq 100 >&2
  sleep 300 & setsid sh -c 'setsid sleep 300 & exec sleep 300' &
  sleep "$CHAOS_WORK" & wait $!`;

/** Past this, a run that nothing ended by itself is told to end. */
const ENOUGH_MS = 900;

/** Runs one round below `directory` and gives what was wrong: nothing, if all went as documented. */
export async function playRound(command: readonly string[], directory: string, plan: RoundPlan): Promise<readonly string[]> {
  const box = mkdtempSync(join(directory, 'round-'));
  const named = join(directory, plan.nodes > 1 ? 'shared' : 'named');
  const places: RoundPlaces = { told: join(box, 'told'), temporary: join(box, 'tmp'), named };
  for (const path of [places.told, places.temporary]) mkdirSync(path);
  const environment = {
    TMPDIR: places.temporary,
    CHAOS_TOLD: places.told,
    CHAOS_WORK: String((plan.workMs ?? 300_000) / 1000),
  };
  const launchers = Array.from({ length: plan.nodes }, (_, node) =>
    startLauncher([...command, ...optionsOf(plan, node, places.named, basename(box))], environment),
  );
  const cancels = plan.blows.map((blow) => later(blow.afterMs, () => strike(launchers, places.told, blow)));
  cancels.push(
    later(ENOUGH_MS, () => {
      for (const launcher of launchers) launcher.tellToEnd();
    }),
  );
  const ends = await Promise.all(launchers.map(({ ended }) => ended));
  for (const cancel of cancels) cancel();
  const problems = await roundProblems(plan, places, ends);
  rmSync(box, { recursive: true, force: true, maxRetries: 3 });
  return problems.map((problem) => `${problem}: ${JSON.stringify({ plan, ends })}`);
}

const optionsOf = (plan: RoundPlan, node: number, named: string, id: string): readonly string[] => [
  `--nproc-per-node=${plan.ranksPerNode}`,
  `--max-restarts=${plan.restarts}`,
  '--shutdown-timeout=0.2s',
  '--discard-outputs',
  ...plan.streams,
  ...(plan.place === 'named' ? [`--output-dir=${named}`] : []),
  ...(plan.nodes > 1 ? [`--nnodes=${plan.nodes}`, `--node-rank=${node}`, `--rdzv-id=${id}`] : []),
  'sh',
  '-c',
  // Two dollars mean one in the arguments of a program.
  PROGRAM.replaceAll('$', () => '$$'),
];

function later(afterMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, afterMs);
  return () => clearTimeout(timer);
}

function strike(launchers: readonly Launcher[], told: string, { signal, target }: RoundPlan['blows'][number]): void {
  if ('launcher' in target) launchers[target.launcher]?.signal(signal);
  else signalRank(Number(contentOf(join(told, String(target.rank)))), told, signal);
}

/** It may not have said its number yet, and the number may be another's by now. */
function signalRank(pid: number, told: string, signal: NodeJS.Signals): void {
  try {
    if (pid > 0 && contentOf(`/proc/${pid}/environ`).includes(told)) process.kill(pid, signal);
  } catch {
    // It has ended in this moment.
  }
}
