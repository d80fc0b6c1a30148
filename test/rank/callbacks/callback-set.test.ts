import { describe, expect, test } from 'vitest';
import { makeCallbacks } from '../../../rank/callbacks/callback-set.ts';
import { DivergenceDetector } from '../../../rank/callbacks/divergence-detector.ts';
import { newControl } from '../../../rank/callbacks/trainer-control.ts';
import { openDoing } from '../../../rank/doing.ts';
import type { TrainerCallback, TrainerState } from '../../../shared/contracts/callback.ts';
import type { JsonObject } from '../../../shared/contracts/json.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { resolveScenario } from '../../../shared/policy/scenario-parameters.ts';

const CONTEXT = { rank: 0, worldSize: 1, metricName: 'loss', mode: 'min' } as const;

const STATE: TrainerState = {
  ...{ step: 25, maxSteps: 100, rank: 0, worldSize: 1, isWorldProcessZero: true },
  ...{ bestStep: undefined, bestMetric: undefined },
};

const ignore = (): void => undefined;

const setOf = (callbacks: () => readonly TrainerCallback[]): ReturnType<typeof makeCallbacks> => {
  const scenario = resolveScenario({ name: 'mine', summary: 'x', metric: () => 1 }, {}, 1);
  return makeCallbacks({ ...scenario, callbacks }, CONTEXT, openDoing(nodePlatform().clock));
};

/** A callback that notes what is called, in a list that several may share. */
const noting = (name: string, calls: string[]): TrainerCallback => ({
  name,
  onEvaluate: async (metrics) => {
    await Promise.resolve();
    calls.push(`${name} evaluate ${metrics['loss']}`);
  },
  onLog: () => void calls.push(`${name} log`),
});

test('callbacks are called in their order, each awaited, and logs come after all evaluations', async () => {
  const calls: string[] = [];
  const set = setOf(() => [noting('a', calls), {}, noting('b', calls)]);
  await set.onEvaluate({ loss: 3 }, STATE, newControl(), ignore);
  expect(calls).toEqual(['a evaluate 3', 'b evaluate 3', 'a log', 'b log']);
});

test('a detector has heard an evaluation when its onEvaluate has returned, if it says that it is one', async () => {
  const calls: string[] = [];
  const set = setOf(() => [
    { ...noting('Slow', calls), detectsDivergence: true },
    { name: 'Deaf', detectsDivergence: true },
    { name: 'Plain', onEvaluate: () => undefined },
  ]);
  await set.onEvaluate({ loss: 3 }, STATE, newControl(), (detector) => calls.push(`${detector} heard`));
  expect(calls).toEqual(['Slow evaluate 3', 'Slow heard', 'Slow log']);
});

test('a detector that throws has not heard', async () => {
  const heard: string[] = [];
  const fail = (): never => {
    throw new RangeError('deaf');
  };
  const set = setOf(() => [{ name: 'Failing', detectsDivergence: true, onEvaluate: fail }]);
  await expect(set.onEvaluate({}, STATE, newControl(), (name) => heard.push(name))).rejects.toThrow('deaf');
  expect(heard).toEqual([]);
});

test.for([
  ['shouldTrainingStop', 1, 'got 1, expected true or false'],
  ['shouldAbortWithoutSave', 'yes', 'got "yes", expected true or false'],
  ['divergence', 7.5, 'got 7.5, expected a text or undefined'],
  ['divergence', null, 'got null, expected a text or undefined'],
] as const)('a callback that sets control.%s to %s is refused by its name', async ([field, value, complaint]) => {
  const set = setOf(() => [{ name: 'Odd', onSave: (_state, control) => void Reflect.set(control, field, value) }]);
  await expect(set.onSave(STATE, newControl())).rejects.toMatchObject({
    code: 'CKPT_CALLBACK_INVALID',
    message: `Odd sets control.${field}: ${complaint}`,
    hint: expect.stringContaining(`Correct Odd: set control.${field} to `),
  });
});

test('callbacks without a name are called by their class, and two of one name are refused', () => {
  class Counter {
    stateDict = (): JsonObject => ({ seen: 1 });
  }
  expect(setOf(() => [new Counter()]).stateDict()).toEqual({ Counter: { seen: 1 } });
  expect(() => setOf(() => [new Counter(), new Counter()])).toThrow(
    expect.objectContaining({ code: 'CKPT_CALLBACK_INVALID', message: 'two callbacks are called Counter' }),
  );
});

test('callbacks that cannot be made on this rank are refused', () => {
  const of =
    (callbacks: () => unknown): (() => unknown) =>
    () =>
      setOf(callbacks as () => []);
  const refusal = (message: string): unknown => expect.objectContaining({ code: 'CKPT_CALLBACK_INVALID', message });
  expect(of(() => [null])).toThrow(refusal('callbacks()[0] is null, expected an object'));
  expect(of(() => 7)).toThrow(refusal('callbacks() returns 7, expected an array'));
  expect(of(() => JSON.parse('{'))).toThrow(expect.objectContaining({ code: 'CKPT_CALLBACK_INVALID' }));
});

describe('restoring', () => {
  /** A callback whose state is a number, of which each set has its own. */
  const counting = (): TrainerCallback => {
    let seen = 0;
    return {
      name: 'Counting',
      onEvaluate: () => {
        seen += 1;
      },
      stateDict: () => ({ seen }),
      loadStateDict: (state) => {
        seen = Number(state['seen']);
      },
    };
  };

  test('gives a fresh set the saved state and leaves the live one alone', async () => {
    const set = setOf(() => [counting()]);
    await set.onEvaluate({}, STATE, newControl(), ignore);
    expect(set.restored({ Counting: { seen: 7 } })).toEqual({ Counting: { seen: 7 } });
    expect(set.stateDict()).toEqual({ Counting: { seen: 1 } });
  });

  test('leaves a callback whose state was not saved as it was made', () => {
    expect(setOf(() => [counting()]).restored({ Other: { seen: 7 } })).toEqual({ Counting: { seen: 0 } });
  });

  test('refuses a callback with a state that is not a fresh one', () => {
    const shared = counting();
    expect(() => setOf(() => [shared]).restored({})).toThrow(
      expect.objectContaining({
        code: 'CKPT_CALLBACK_INVALID',
        message: 'callbacks() returns the same Counting again, so its state cannot be restored into a fresh one',
        hint: 'Make each callback inside callbacks(): callbacks: () => [new Counting()].',
      }),
    );
    const stateless = { name: 'Stateless' };
    expect(setOf(() => [stateless]).restored({})).toEqual({});
  });

  test('brings the detector back to where it was, so that it fires as if nothing had happened', async () => {
    const values = [2.8, 2.7, 8, 8];
    const fired = async (restartAfter: number): Promise<number> => {
      let detector = new DivergenceDetector();
      for (const [index, loss] of values.entries()) {
        const control = newControl();
        detector.onEvaluate({ loss }, STATE, control);
        if (control.shouldTrainingStop) return index;
        if (index !== restartAfter) continue;
        const saved = JSON.parse(JSON.stringify(detector.stateDict())) as JsonObject;
        detector = new DivergenceDetector();
        detector.loadStateDict(saved);
      }
      return -1;
    };
    expect(await Promise.all([0, 1, 2, 99].map(fired))).toEqual([3, 3, 3, 3]);
  });
});

test('the detector asks for a stop, or for an abort without a save, and says why', () => {
  const asked = (['stop', 'abort'] as const).map((action) => {
    const control = newControl();
    new DivergenceDetector({ action, metricName: 'eval_loss' }).onEvaluate({ eval_loss: Number.NaN }, STATE, control);
    return control;
  });
  expect(asked).toEqual([
    { shouldTrainingStop: true, shouldAbortWithoutSave: false, divergence: 'the metric is NaN' },
    { shouldTrainingStop: false, shouldAbortWithoutSave: true, divergence: 'the metric is NaN' },
  ]);
});

test('a metric that is missing is no news for the detector', () => {
  const detector = new DivergenceDetector({ metricName: 'eval_loss' });
  detector.onEvaluate({ loss: Number.NaN }, STATE, newControl());
  expect(detector.stateDict()).toEqual(new DivergenceDetector().stateDict());
});

class Counted {
  readonly count = 1;
}

test.for([
  ['NaN', { average: Number.NaN }],
  ['a Map', { seen: new Map([[25, 1]]) }],
  ['undefined', { best: undefined }],
  ['a Date', { at: new Date(0) }],
  ['an instance of a class', { seen: new Counted() }],
] as const)('a state with %s in it is refused when it is saved, because JSON would change it', ([, state]) => {
  const set = setOf(() => [{ name: 'Odd', stateDict: () => state as unknown as JsonObject }]);
  expect(() => set.stateDict()).toThrow(
    expect.objectContaining({ code: 'CKPT_CALLBACK_INVALID', message: 'stateDict of Odd returns what JSON cannot hold' }),
  );
});

test.for([
  ['a promise', Promise.resolve({ seen: 1 }), 'an instance of Promise'],
  ['a number', 7, '7'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an array', [1], '[1]'],
  ['a Map', new Map([[25, 1]]), 'an instance of Map'],
  ['an instance of a class', new Counted(), 'an instance of Counted'],
  ['made from another object', Object.create(Object.create(null)), 'an object with a prototype of its own'],
] as const)('a state that is %s is refused when it is saved', ([, state, shown]) => {
  const set = setOf(() => [{ name: 'Odd', stateDict: () => state as unknown as JsonObject }]);
  expect(() => set.stateDict()).toThrow(
    expect.objectContaining({
      code: 'CKPT_CALLBACK_INVALID',
      message: `stateDict of Odd returns ${shown}, expected a plain object`,
    }),
  );
});

test('a state without a prototype is saved, and so are lists and objects in it', () => {
  const state: JsonObject = Object.assign(Object.create(null), { seen: [1, { at: null }], inner: Object.create(null) });
  expect(setOf(() => [{ name: 'Bare', stateDict: () => state }]).stateDict()).toEqual({
    Bare: { seen: [1, { at: null }], inner: {} },
  });
});
