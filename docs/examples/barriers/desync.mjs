import { init } from 'ckpt-run';

const group = init();
await group.barrier('start');
if (group.rank === 1) await group.barrier('evaluate');
await group.barrier('save');
