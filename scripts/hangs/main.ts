import { playCorpus } from './corpus.ts';
import { playHealthy } from './healthy.ts';
import { playSeveral } from './several.ts';

const RANDOM = { healthy: playHealthy, several: playSeveral };

/**
 * `npm run hangs -- [filter]` makes every class of hangs that faults can make, and looks whether it is named rightly;
 * `npm run hangs -- several [seed]` lets several ranks go wrong, and looks whether another one is blamed;
 * `npm run hangs -- healthy [seed]` looks for false alarms.
 */
async function main([first = '', seed = String(Date.now() % 2 ** 32)]: readonly string[]): Promise<number> {
  if (first !== 'healthy' && first !== 'several') return playCorpus(first);
  if (/^\d+$/.test(seed)) return RANDOM[first](Number(seed));
  console.log(`hangs: ${first}: got ${seed}, expected a seed, a whole number`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
