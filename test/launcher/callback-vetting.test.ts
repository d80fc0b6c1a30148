import { expect, test } from 'vitest';
import { vetCallbacks } from '../../launcher/callback-vetting.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';

const MINE: ScenarioDefinition = { name: 'mine', summary: 'x', metric: () => 1 };

const messageFor = (fields: Partial<ScenarioDefinition>): string => {
  try {
    vetCallbacks(resolveScenario({ ...MINE, ...fields }, {}, 2), 2);
    return 'accepted';
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: 'CkptError', code: 'CKPT_USAGE' });
    return thrown instanceof Error ? thrown.message : '';
  }
};

test('callbacks that cannot be made are refused', () => {
  const of = (callbacks: () => unknown): string => messageFor({ callbacks: callbacks as () => [] });
  expect(of(() => [{}])).toBe('accepted');
  expect(of(() => Promise.resolve([]))).toBe('scenario mine: callbacks() returns {}, expected an array');
  expect(of(() => [{}, null])).toBe('scenario mine: callbacks()[1] is null, expected an object');
  expect(of(() => JSON.parse('{'))).toMatch(/^scenario mine: callbacks\(\) throws: /);
});

test('a spike without a detector is refused', () => {
  const refusal = '--inject-spike-at-step 50: scenario mine has no divergence detector that could see it';
  expect(messageFor({ injectSpikeAtStep: 50 })).toBe(refusal);
  expect(messageFor({ injectSpikeAtStep: 50, callbacks: () => [{ name: 'Plain' }] })).toBe(refusal);
  expect(messageFor({ injectSpikeAtStep: 50, callbacks: () => [{ name: 'D', detectsDivergence: true }] })).toBe('accepted');
});
