// Stands for a training script: rank 1 fails while the others work.
import { setTimeout as sleep } from 'node:timers/promises';

if (process.env.RANK !== '1') await sleep(60_000);
console.error('loss is NaN at step 7');
process.exit(7);
