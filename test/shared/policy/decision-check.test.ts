import { describe, expect, it } from 'vitest';
import { checkDecision } from '../../../shared/policy/decision-check.ts';

const checkpoints = [25, 50, 75].map((step) => ({ step, metric: undefined }));

describe('checkDecision', () => {
  it('accepts every step in exactly one list', () => {
    expect(checkDecision({ preserve: [75, 25], delete: [50] }, checkpoints)).toBeUndefined();
    expect(checkDecision({ preserve: [], delete: [25, 50, 75] }, checkpoints)).toBeUndefined();
    expect(checkDecision({ preserve: [], delete: [] }, [])).toBeUndefined();
  });

  it.each([
    ['nothing', undefined, 'retention must return an object with preserve and delete'],
    ['null', null, 'retention must return an object with preserve and delete'],
    ['a promise', Promise.resolve(), 'preserve must be an array of steps, each a whole number'],
    [
      'names in place of steps',
      { preserve: ['checkpoint-25'], delete: [] },
      'preserve must be an array of steps, each a whole number',
    ],
    ['a fraction', { preserve: [25], delete: [2.5] }, 'delete must be an array of steps, each a whole number'],
    ['NaN', { preserve: [25], delete: [Number.NaN] }, 'delete must be an array of steps, each a whole number'],
    ['a hole', { preserve: new Array(1), delete: [] }, 'preserve must be an array of steps, each a whole number'],
    ['no delete', { preserve: [25, 50, 75] }, 'delete must be an array of steps, each a whole number'],
    ['an unknown step', { preserve: [25, 50, 75], delete: [60] }, 'checkpoint-60 is decided on but is not among the checkpoints'],
    ['a step in both', { preserve: [25, 50], delete: [50, 75] }, 'checkpoint-50 is both in preserve and in delete'],
    ['a step twice', { preserve: [25], delete: [50, 75, 75] }, 'checkpoint-75 is named twice'],
    ['a step in neither', { preserve: [25], delete: [50] }, 'checkpoint-75 is neither in preserve nor in delete'],
  ])('refuses %s', (_, decision, problem) => expect(checkDecision(decision, checkpoints)).toBe(problem));
});
