// Ranks meet at barriers of ckpt-run; the rank of the second argument does at the third step what the first one says.
import { init } from 'ckpt-run';
import { MISDEEDS } from './misdeeds.mjs';

const [kind, culprit] = process.argv.slice(2);
const group = init();
for (let step = 0; step < 5; step++) {
  console.log(`step ${step}`);
  const isMine = step === 3 && group.rank === Number(culprit);
  if (isMine && kind === 'meets in other order')
    await group.barrier('save'); // HANG meets in other order
  else if (isMine) await MISDEEDS[kind]();
  await group.allReduce('loss', step, 'sum');
  await group.barrier('saved');
}
group.close();
