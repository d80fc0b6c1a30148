import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decayingLoss } from '../../rank/public.ts';
import { filesUnder, ROOT } from '../../scripts/source-files.ts';
import { HANG_CLASSES } from '../../shared/contracts/diagnosis.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';
import { checkScenarioShape } from '../../shared/policy/scenario-shape.ts';

const FILES = filesUnder(['scenarios'], ['.ts']).map(({ path }) => path);

const load = async (path: string): Promise<ScenarioDefinition> => {
  const { default: exported } = (await import(`${ROOT}${path}`)) as { readonly default: unknown };
  return checkScenarioShape(exported, path);
};

test.for(FILES)('%s is a scenario that runs, called like its file', async (path) => {
  const definition = await load(path);
  expect(definition.name).toBe(basename(path, '.ts'));
  expect(definition.summary).not.toContain('\n');
  expect(() => resolveScenario(definition, {}, definition.minWorldSize ?? 1)).not.toThrow();
});

test('every bug says what to do against it', async () => {
  const bugs = await Promise.all(FILES.filter((path) => path.includes('/bugs/')).map(load));
  expect(bugs.map(({ name }) => name)).toEqual([
    'bug-early-return',
    'bug-no-on-evaluate',
    'bug-no-trim',
    'bug-update-after-save',
  ]);
  for (const { hint } of bugs) expect(hint).toMatch(/^[A-Z].*\.$/);
});

test('every class of hangs has a scenario, whose barriers wait for two seconds', async () => {
  const hangs = await Promise.all(FILES.filter((path) => path.includes('/hangs/')).map(load));
  expect(hangs.map(({ name }) => name).sort()).toEqual(
    Object.keys(HANG_CLASSES)
      .map((name) => `hang-${name}`)
      .sort(),
  );
  for (const { barrierTimeoutMs, minWorldSize, faults } of hangs) {
    expect({ barrierTimeoutMs, minWorldSize }).toEqual({ barrierTimeoutMs: 2000, minWorldSize: 2 });
    expect(faults).toEqual([expect.objectContaining({ rank: 1 })]);
  }
});

describe('the loss of a healthy run', () => {
  test('is that of the design to four decimals', () => {
    expect([25, 50].map((step) => decayingLoss(step).toFixed(4))).toEqual(['2.8234', '2.7891']);
  });

  test('falls with every step and never reaches its floor', () => {
    for (let step = 1; step <= 1000; step += 1) {
      expect(decayingLoss(step)).toBeLessThan(decayingLoss(step - 1));
      expect(decayingLoss(step)).toBeGreaterThan(2.5);
    }
  });
});
