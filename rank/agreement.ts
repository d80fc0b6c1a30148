import type { Barrier } from '../shared/contracts/barrier.ts';
import { asCkptError, CkptError, type ErrorBlame, isSerializedError, serializeError } from '../shared/contracts/errors.ts';
import { isJsonObject, type Json } from '../shared/contracts/json.ts';
import type { Doing } from './doing.ts';

/** One meeting at which every rank brings the result of its part of some work. */
export interface Meeting<T extends Json> {
  /** The barrier's name. */
  readonly name: string;
  /** What went wrong when a rank's part throws an error that is not ours. */
  readonly blame: ErrorBlame;
  /** True for what a rank may bring. */
  readonly accepts: (value: Json) => value is T;
}

/** How one rank does its part of what all ranks do together. */
export interface Agreement {
  /**
   * Does this rank's part, meets all ranks at the barrier, and returns every rank's result in rank order. A failure is
   * carried to the barrier and never thrown before it, so that no rank waits for one that has failed; then all ranks throw
   * the failure of the lowest failing rank, whose number stands in the evidence.
   */
  agree<T extends Json>(meeting: Meeting<T>, work: () => T | Promise<T>): Promise<readonly T[]>;
  /** Does what only this rank does, between two meetings; a failure is what it brings to the next one. */
  alone(blame: ErrorBlame, work: () => void): void;
}

/** Opens it on this rank's barriers. */
export function openAgreement(barrier: Barrier, doing: Doing): Agreement {
  let failure: CkptError | undefined;
  return {
    agree: async (meeting, work) => {
      const result = await doing.during(`the work before ${meeting.name}`, () => resultOf(meeting, failure, work));
      const payloads = await barrier.wait(meeting.name, result);
      return payloads.map((payload, rank) => readResult(meeting, payload, rank));
    },
    alone: (blame, work) => {
      try {
        work();
      } catch (thrown) {
        failure ??= asCkptError(thrown, blame);
      }
    },
  };
}

async function resultOf<T extends Json>(
  { blame }: Meeting<T>,
  failure: CkptError | undefined,
  work: () => T | Promise<T>,
): Promise<Json> {
  try {
    if (failure !== undefined) throw failure;
    return { value: await work() };
  } catch (thrown) {
    return { error: { ...serializeError(thrown, blame) } };
  }
}

function readResult<T extends Json>({ name, accepts }: Meeting<T>, payload: Json, rank: number): T {
  if (isJsonObject(payload)) {
    const { value, error } = payload;
    if (value !== undefined && accepts(value)) return value;
    if (isSerializedError(error)) {
      const { code, message, hint, stack } = error;
      const carried = new CkptError(`rank ${rank}: ${message}`, { code, hint, evidence: { rank, barrier: name } });
      carried.stack = stack ?? carried.message;
      throw carried;
    }
  }
  throw new CkptError(`rank ${rank} brought something else than expected to barrier "${name}"`, {
    code: 'CKPT_INTERNAL',
    hint: 'Start all ranks with the same version of ckpt-run.',
    evidence: { rank, payload },
  });
}
