import type { TrainerControl } from '../../shared/contracts/callback.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import { describe, type Expected, flag } from '../../shared/contracts/expectation.ts';

/** A control by which nothing has been asked for yet. */
export const newControl = (): TrainerControl => ({
  shouldTrainingStop: false,
  shouldAbortWithoutSave: false,
  divergence: undefined,
});

const textIfAny: Expected<string | undefined> = {
  words: 'a text or undefined',
  accepts: (value): value is string | undefined => value === undefined || typeof value === 'string',
};

const FIELDS: Readonly<Record<keyof TrainerControl, Expected<unknown>>> = {
  shouldTrainingStop: flag,
  shouldAbortWithoutSave: flag,
  divergence: textIfAny,
};

/** Users write JavaScript too: refuses what a callback has set that the types forbid. Throws CKPT_CALLBACK_INVALID. */
export function checkControl(callback: string, control: TrainerControl): void {
  for (const [field, { words, accepts }] of Object.entries(FIELDS)) {
    const value: unknown = Reflect.get(control, field);
    if (accepts(value)) continue;
    throw new CkptError(`${callback} sets control.${field}: got ${describe(value)}, expected ${words}`, {
      code: 'CKPT_CALLBACK_INVALID',
      hint: `Correct ${callback}: set control.${field} to ${words}.`,
    });
  }
}
