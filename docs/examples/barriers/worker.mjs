import { init } from 'ckpt-run';

const group = init({ callSites: false });
const { path } = await group.broadcast('data-ready');
const best = await group.allReduce('score', group.rank / 4, 'max');
console.log(`best score on ${path}: ${best}`);
group.close();
