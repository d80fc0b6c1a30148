import type { Json } from '../../shared/contracts/json.ts';
import type { World } from '../../shared/contracts/world.ts';
import type { BooleanReduction, NumberReduction } from './reduction.ts';

/** How a program wants to meet. */
export interface InitOptions {
  /** How long a barrier waits for the other ranks unless it says otherwise: milliseconds, Infinity for ever. Default 600000. */
  readonly timeoutMs?: number;
  /**
   * Whether all ranks must call a barrier from the same line of the same file. Default true; false where different programs
   * meet, or branches of one.
   */
  readonly callSites?: boolean;
}

/** How one barrier differs from the others. */
export interface BarrierOptions {
  /** How long it waits for the other ranks: milliseconds, Infinity for ever. */
  readonly timeoutMs?: number;
}

/**
 * The ranks of a run, seen from this one. Each method that has a name is a barrier: all ranks call it with the same name, in
 * the same order. It rejects on all ranks alike with CKPT_BARRIER_TIMEOUT, which names the missing ranks, or with
 * CKPT_BARRIER_MISMATCH when ranks are at different ones; after that no other barrier opens.
 */
export interface ProcessGroup extends World {
  /** Resolves when every rank is here. */
  barrier(name: string, options?: BarrierOptions): Promise<void>;
  /** Gives every rank the value of one, `src`, which is rank 0 unless something else is said; the others need give none. */
  broadcast(name: string, value?: Json, options?: BarrierOptions & { readonly src?: number }): Promise<Json>;
  /** Gives every rank the values of all, in rank order. */
  allGather(name: string, value: Json, options?: BarrierOptions): Promise<readonly Json[]>;
  /** Gives every rank what a reduction makes of the values of all. */
  allReduce(name: string, value: number, reduction: NumberReduction, options?: BarrierOptions): Promise<number>;
  allReduce(name: string, value: boolean, reduction: BooleanReduction, options?: BarrierOptions): Promise<boolean>;
  /** The rank has reached its end, and comes to no other barrier. */
  close(): void;
}
