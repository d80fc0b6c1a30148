import { expect, test } from 'vitest';
import { callbacksProblem } from '../../../shared/policy/callback-shape.ts';

const act = (): void => undefined;

test('callbacks of every shape that is called are fine, and so are helpers of their own', () => {
  class Whole {
    onEvaluate = act;
    onLog(): void {}
    onSave(): void {}
    onTrainEnd(): void {}
    stateDict = (): object => ({});
    loadStateDict(): void {}
    rememberTheBest(): void {}
    onLoad(): void {}
  }
  class Derived extends Whole {}
  expect(callbacksProblem([{}, new Whole(), new Derived(), { name: 'x', detectsDivergence: true }])).toBeUndefined();
});

test.for([
  [undefined, 'callbacks() returns undefined, expected an array'],
  [[{}, 5], 'callbacks()[1] is 5, expected an object'],
  [[{ onEvalute: act }], 'callbacks()[0].onEvalute would never be called (did you mean onEvaluate?)'],
  [[{ on_evaluate: act }], 'callbacks()[0].on_evaluate would never be called (did you mean onEvaluate?)'],
  [[{ onSvae: act }], 'callbacks()[0].onSvae would never be called (did you mean onSave?)'],
  [[{}, { load_state_dict: act }], 'callbacks()[1].load_state_dict would never be called (did you mean loadStateDict?)'],
] as const)('%j is refused: %s', ([made, problem]) => {
  expect(callbacksProblem(made)).toBe(problem);
});

test('a method that a class misspells is found', () => {
  class Base {
    on_train_end(): void {}
  }
  class Derived extends Base {}
  expect(callbacksProblem([new Derived()])).toContain('did you mean onTrainEnd?');
});
