import type { Heart } from '../../shared/platform/heartbeat/heart.ts';
import type { TextOutput } from '../../shared/platform/output.ts';

/** Nobody watches a rank of a test. */
export const stillHeart: Heart = { at: () => undefined, runAhead: () => undefined, freeze: () => undefined };

/** Where nobody reads. */
export const nowhere: TextOutput = { write: () => undefined };
