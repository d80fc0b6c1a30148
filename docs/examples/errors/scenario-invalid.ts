import { decayingLoss } from 'ckpt-run';

throw new Error(`no weights, loss ${decayingLoss(0)}`);
