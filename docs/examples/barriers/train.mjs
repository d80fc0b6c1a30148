import { init } from 'ckpt-run';

const group = init({ timeoutMs: 20_000 });
const config = await group.broadcast('config', group.rank === 0 ? { learningRate: 0.1 } : undefined);
await group.barrier('loaded');

const loss = 2 + group.rank;
const mean = (await group.allReduce('loss', loss, 'sum')) / group.worldSize;
const stop = await group.allReduce('stop', loss > 5, 'or');
const seeds = await group.allGather('seeds', 10 * group.rank);
if (group.rank === 0) console.log(JSON.stringify({ config, mean, stop, seeds }));
group.close();
