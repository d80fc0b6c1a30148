import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LauncherEnd } from './round-launcher.ts';
import type { Blow, RoundPlan } from './round-plan.ts';
import { processesThatStay } from './round-remains.ts';

/** Where a round takes place. */
export interface RoundPlaces {
  /** Where a rank says which process it is. */
  readonly told: string;
  readonly temporary: string;
  /** The output directory of runs that have a named one. */
  readonly named: string;
}

/** What of a round that is over was not as documented. */
export async function roundProblems(
  plan: RoundPlan,
  places: RoundPlaces,
  ends: readonly LauncherEnd[],
): Promise<readonly string[]> {
  const marks = [places.told, ...ends.map(({ pid }) => `ckpt-run-guardian\0${pid}\0`)];
  const staying = await processesThatStay(marks);
  return [
    ...ends.flatMap((end, node) => codeProblems(plan, ends, end, node).map((problem) => `launcher ${node}: ${problem}`)),
    ...staying.map((pid) => `process ${pid} stays`),
    ...directoryProblems(plan, ends, places),
  ];
}

/** 128 + n of a signal that a launcher or a rank was sent, or 0 for ranks that came to their end; or the launcher died of a signal. */
function codeProblems(plan: RoundPlan, ends: readonly LauncherEnd[], end: LauncherEnd, node: number): readonly string[] {
  const isTold = end.how !== 'by itself' || ends.some(({ how }) => how !== 'by itself');
  const isStruck = (signal: Blow['signal'], isHit: (target: Blow['target']) => boolean): boolean =>
    plan.blows.some((blow) => blow.signal === signal && isHit(blow.target));
  const isThis = (target: Blow['target']): boolean => 'launcher' in target && target.launcher === node;
  if (end.how === 'hung') return ['it did not end'];
  if (end.signal === 'SIGKILL') return isStruck('SIGKILL', isThis) ? [] : ['it was killed by nobody'];
  // Before it has a handler.
  if (end.signal === 'SIGTERM') return isTold || isStruck('SIGTERM', isThis) ? [] : ['it was ended by nobody'];
  const allowed = [
    ...(isTold || isStruck('SIGTERM', () => true) ? [143] : []),
    ...(isStruck('SIGKILL', (target) => !isThis(target)) ? [137] : []),
    ...(plan.workMs === undefined ? [] : [0]),
  ];
  return allowed.some((code) => code === end.code) ? [] : [`exit code ${end.code} instead of ${allowed.join(' or ')}`];
}

/**
 * Of a launcher that was killed the lease stays until the next run takes it over, a directory that it had just made, and what
 * it shared with other nodes.
 */
function directoryProblems(plan: RoundPlan, ends: readonly LauncherEnd[], { temporary, named }: RoundPlaces): readonly string[] {
  const left = readdirSync(temporary, { recursive: true, encoding: 'utf8' });
  const isKilled = ends.some(({ signal }) => signal === 'SIGKILL');
  const state = plan.place === 'named' ? namesIn(join(named, '.ckpt-run')) : [];
  const leases = ends[0]?.signal === null ? state.filter(isLease) : [];
  const runs = plan.nodes > 1 ? [] : state.filter((name) => !isLease(name));
  return [
    ...(left.length === 0 || (isKilled && left.length === 1) ? [] : [`temporary files stay: ${left.join(', ')}`]),
    ...(leases.length === 0 ? [] : [`a lease stays: ${leases.join(', ')}`]),
    ...(runs.length === 0 ? [] : [`run directories stay: ${runs.join(', ')}`]),
  ];
}

const isLease = (name: string): boolean => name.startsWith('lease.');

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
