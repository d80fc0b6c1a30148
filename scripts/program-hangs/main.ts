import { playCorpus, playTorchrun } from './corpus.ts';

/**
 * `npm run program-hangs -- [filter]` launches programs in which a rank hangs or fails, and looks whether it is named rightly;
 * `npm run program-hangs -- torchrun [filter]` does the same with torchrun.
 */
async function main([first = '', second = '']: readonly string[]): Promise<number> {
  return first === 'torchrun' ? playTorchrun(second) : playCorpus(first);
}

process.exitCode = await main(process.argv.slice(2));
