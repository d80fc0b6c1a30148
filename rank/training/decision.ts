import type { TrainerControl } from '../../shared/contracts/callback.ts';
import { asCkptError } from '../../shared/contracts/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/contracts/json.ts';
import { newControl } from '../callbacks/trainer-control.ts';
import type { TrainingContext } from '../context.ts';

/** What all ranks do after the callbacks of a step. */
export interface StepDecision {
  readonly stop: boolean;
  readonly abort: boolean;
  /** Why training has diverged, in the words of the lowest rank that says so; null while it has not. */
  readonly divergence: string | null;
}

/** What one rank's callbacks ask for. */
export type CallbackRequest = JsonObject & {
  readonly stop: boolean;
  readonly abort: boolean;
  readonly divergence: string | null;
};

const BLAME = { code: 'CKPT_CALLBACK_INVALID', hint: 'Correct the callback that threw.' } as const;

/** True for what {@link ask} gives. */
export const isRequest = (value: Json): value is CallbackRequest =>
  isJsonObject(value) &&
  typeof value['stop'] === 'boolean' &&
  typeof value['abort'] === 'boolean' &&
  (value['divergence'] === null || typeof value['divergence'] === 'string');

/** Runs this rank's callbacks. Throws CKPT_CALLBACK_INVALID when one of them throws. */
export async function ask(callbacks: (control: TrainerControl) => Promise<void>): Promise<CallbackRequest> {
  const control = newControl();
  try {
    await callbacks(control);
  } catch (thrown) {
    throw asCkptError(thrown, BLAME);
  }
  return { stop: control.shouldTrainingStop, abort: control.shouldAbortWithoutSave, divergence: control.divergence ?? null };
}

/** One decision for all: what any rank asks for, every rank does. */
export const together = (requests: readonly CallbackRequest[]): StepDecision => ({
  stop: requests.some(({ stop }) => stop),
  abort: requests.some(({ abort }) => abort),
  divergence: requests.map(({ divergence }) => divergence).find((reason) => reason !== null) ?? null,
});

/** Runs this rank's callbacks, meets the others and decides together with them. */
export async function decide(
  { agreement }: Pick<TrainingContext, 'agreement'>,
  name: string,
  callbacks: (control: TrainerControl) => Promise<void>,
): Promise<StepDecision> {
  return together(await agreement.agree({ name, blame: BLAME, accepts: isRequest }, () => ask(callbacks)));
}
