import type { TrainerControl } from '../shared/contracts/callback.ts';
import { isJsonObject, type Json, type JsonObject } from '../shared/contracts/json.ts';
import { agree } from './agreement.ts';
import type { RankContext } from './context.ts';
import { newControl } from './trainer-control.ts';

/** What all ranks do after the callbacks of a step. */
export interface StepDecision {
  readonly stop: boolean;
  readonly abort: boolean;
  /** Why training has diverged, in the words of the lowest rank that says so; null while it has not. */
  readonly divergence: string | null;
}

type Request = JsonObject & { readonly stop: boolean; readonly abort: boolean; readonly divergence: string | null };

const BLAME = { code: 'CKPT_CALLBACK_INVALID', hint: 'Correct the callback that threw.' } as const;

const isRequest = (value: Json): value is Request =>
  isJsonObject(value) && typeof value['stop'] === 'boolean' && typeof value['abort'] === 'boolean';

/** Runs this rank's callbacks and makes one decision for all: what any rank asks for, every rank does. */
export async function decide(
  { barrier }: RankContext,
  name: string,
  callbacks: (control: TrainerControl) => Promise<void>,
): Promise<StepDecision> {
  const requests = await agree(barrier, { name, blame: BLAME, accepts: isRequest }, async () => {
    const control = newControl();
    await callbacks(control);
    return { stop: control.shouldTrainingStop, abort: control.shouldAbortWithoutSave, divergence: control.divergence ?? null };
  });
  return {
    stop: requests.some(({ stop }) => stop),
    abort: requests.some(({ abort }) => abort),
    divergence: requests.map(({ divergence }) => divergence).find((reason) => reason !== null) ?? null,
  };
}
