import { type RandomStream, randomStream, rankSeed } from '../../shared/platform/random.ts';

/** What a checkpoint must bring back: weights that all ranks share, and what each rank alone has. */
export interface SimulatedModel {
  /** One optimizer step. */
  trainStep(step: number): void;
  /** Equal on all ranks: data parallel training replicates the weights. */
  readonly weights: Float32Array;
  /** This rank's shard of the optimizer state. */
  readonly momentum: Float32Array;
  /** This rank's own random stream. */
  readonly random: RandomStream;
}

const WEIGHTS = 64;
const SHARD = 32;

/** A model whose every step changes all of its state, in no time. */
export function simulatedModel(seed: number, rank: number): SimulatedModel {
  const random = randomStream(rankSeed(seed, rank));
  const weights = Float32Array.from({ length: WEIGHTS }, (_, index) => Math.cos(seed + index));
  const momentum = new Float32Array(SHARD);
  return {
    weights,
    momentum,
    random,
    trainStep: (step) => {
      weights[step % WEIGHTS] = Math.sin(seed + step);
      momentum[step % SHARD] = random.next();
    },
  };
}
