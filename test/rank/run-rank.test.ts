import { expect, test } from 'vitest';
import { runRank } from '../../rank/run-rank.ts';
import type { Barrier } from '../../shared/contracts/barrier.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import { groupContexts } from './group-run.ts';

/** Opens at once, and notes who would have waited how long. */
function notingBarrier(): { readonly barrier: Barrier; readonly waits: Map<string, number> } {
  const waits = new Map<string, number>();
  const within = (timeoutMs: number): Barrier => ({
    wait: async (name, payload = null) => {
      waits.set(name, timeoutMs);
      return [payload];
    },
    within,
    close: () => undefined,
  });
  return { barrier: within(0), waits };
}

/** How long a rank is ready to wait at each barrier of two scenarios. */
async function waitsOf(barrierTimeoutMs: number | null): Promise<ReadonlyMap<string, number>> {
  const [context] = groupContexts(1);
  if (context === undefined) throw new RangeError('no rank 0');
  const { barrier, waits } = notingBarrier();
  const scenarios = ['one', 'two'].map((name) => ({ name, file: name, parameters: {} }));
  const source = async (name: string): Promise<ScenarioDefinition> => ({
    name,
    summary: 'x',
    metric: () => 1,
    barrierTimeoutMs: 5000,
    numSteps: 25,
  });
  await runRank({ ...context, barrier, plan: { ...context.plan, scenarios, barrierTimeoutMs } }, source);
  return waits;
}

test('ranks wait as long as the scenario says, and at the start of a later one as long as judging may take', async () => {
  const waits = await waitsOf(null);
  const patient = [...waits].filter(([, timeoutMs]) => timeoutMs !== 5000);
  expect(patient).toEqual([['two/start', 600_000]]);
  expect(waits.get('one/start')).toBe(5000);
});

test('a time-out on the command line goes before that of the scenario, and may be longer than judging', async () => {
  const waits = await waitsOf(3_600_000);
  expect(new Set(waits.values())).toEqual(new Set([3_600_000]));
});
