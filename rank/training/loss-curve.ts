const FLOOR = 2.5;
const AMPLITUDE = 0.36177;
/** Decay per step, chosen so that 25 steps decay by 0.89394: the loss prints as 2.8234 at step 25 and 2.7891 at step 50. */
const DECAY = 0.89394 ** (1 / 25);

/** The loss of a healthy training run at a step: 2.5 + 0.36177 · r^step, the same on every rank. */
export const decayingLoss = (step: number): number => FLOOR + AMPLITUDE * DECAY ** step;
