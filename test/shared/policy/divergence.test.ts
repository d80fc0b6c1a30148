import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DivergenceRule,
  type DivergenceState,
  decodeDivergence,
  encodeDivergence,
  INITIAL_DIVERGENCE,
  observe,
} from '../../../shared/policy/divergence.ts';
import '../../property-seed.ts';

const statesOf = (values: readonly number[], rule?: Partial<DivergenceRule>): readonly DivergenceState[] => {
  let state = INITIAL_DIVERGENCE;
  return values.map((value) => {
    state = observe(state, value, rule);
    return state;
  });
};

const firedAt = (values: readonly number[], rule?: Partial<DivergenceRule>): number =>
  statesOf(values, rule).findIndex(({ reason }) => reason !== null);

const gap = ({ short, long }: DivergenceState): number => Number(short) - Number(long);

describe('observe', () => {
  it('fires at the fourth evaluation of the spike scenario', () => {
    const states = statesOf([2.8234, 2.7891, 8, 8]);
    expect(states.map((state) => gap(state).toFixed(4))).toEqual(['0.0000', '-0.0065', '0.9784', '1.7565']);
    expect(states.map(({ reason }) => reason !== null)).toEqual([false, false, false, true]);
    expect(states.at(-1)?.reason).toBe('the short average is 1.7565 above the long one, threshold 1.5');
  });

  it('follows the closed form of the response to a jump', () => {
    const rule = { short: 0.2, long: 0.01, threshold: 1e9 };
    const states = statesOf([2, ...Array.from({ length: 40 }, () => 5)], rule);
    for (const [n, state] of states.entries()) expect(gap(state)).toBeCloseTo(3 * (0.99 ** n - 0.8 ** n), 10);
  });

  it('notices a lasting jump above 1.818 and none below', () => {
    const jump = (height: number): number => firedAt([1, ...Array.from({ length: 200 }, () => 1 + height)]);
    expect(jump(1.81)).toBe(-1);
    expect(jump(1.83)).toBeGreaterThan(0);
  });

  it('does not fire on a fall, nor exactly at the threshold', () => {
    expect(firedAt([8, 2, 2, 2, 2])).toBe(-1);
    expect(firedAt([0, 4], { short: 0.5, long: 0.25, threshold: 1 })).toBe(-1);
    expect(firedAt([0, 4], { short: 0.5, long: 0.25, threshold: 0.999 })).toBe(1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('fires on %d, even as the first value', (value) => {
    expect(firedAt([value])).toBe(0);
    expect(statesOf([2, value, 3]).map(gap)).toEqual(
      statesOf([2, 3]).flatMap((state, index) => (index === 0 ? [gap(state), gap(state)] : [gap(state)])),
    );
    expect(statesOf([value]).at(-1)?.reason).toBe(`the metric is ${value}`);
  });

  it('stays fired for its first reason, and its averages stay finite', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1 }), fc.double({ min: 0.1, max: 1, noNaN: true }), (values, short) => {
        const states = statesOf(values, { short });
        const reason = states.find((state) => state.reason !== null)?.reason;
        expect(states.at(-1)?.reason ?? undefined).toBe(reason);
        for (const state of states)
          expect([state.short, state.long].every((average) => average === null || Number.isFinite(average))).toBe(true);
      }),
    );
  });

  it('goes on from a saved state as if it had never been saved', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.array(fc.double()), (before, after) => {
        const halfway = statesOf(before).at(-1) ?? INITIAL_DIVERGENCE;
        const restored = decodeDivergence(JSON.parse(JSON.stringify(encodeDivergence(halfway))));
        expect(after.reduce((state, value) => observe(state, value), restored).reason).toBe(
          statesOf([...before, ...after]).at(-1)?.reason ?? null,
        );
      }),
    );
  });

  it('starts anew from a saved state that is not one', () => {
    expect(decodeDivergence({ short: 'far', reason: 7 })).toEqual(INITIAL_DIVERGENCE);
  });
});
