import { playCorpus } from './corpus.ts';
import { playHealthy } from './healthy.ts';

/**
 * `npm run hangs -- [filter]` makes every class of hangs that faults can make, and looks whether it is named rightly;
 * `npm run hangs -- healthy [seed]` looks for false alarms.
 */
async function main([filter = '', seed = String(Date.now() % 2 ** 32)]: readonly string[]): Promise<number> {
  if (filter !== 'healthy') return playCorpus(filter);
  if (/^\d+$/.test(seed)) return playHealthy(Number(seed));
  console.log(`hangs: healthy: got ${seed}, expected a seed, a whole number`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
