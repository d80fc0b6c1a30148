import { sideBySide } from '../hangs/side-by-side.ts';
import { NO_TORCH, pythonWithTorch } from '../torch-python.ts';
import { playCase } from './play-case.ts';
import { hasTorchrun, NO_TORCHRUN, playUnderTorchrun } from './play-torchrun.ts';
import { everyCase, HANG_PROGRAMS, type HangProgram, type ProgramCase, spell } from './programs.ts';
import { type Launcher, type Result, tableOf, updatePage } from './results-page.ts';

/** Sixteen ranks at most, that import torch on two cores. */
const WIDTH = 2;

const WORLD_SIZES = [2, 4, 8];

/** Plays the programs whose title contains the filter under ckpt-run, prints what is wrong, and the table. Gives the exit code. */
export async function playCorpus(filter: string): Promise<number> {
  const python = pythonWithTorch();
  if (python === undefined) console.log(`PyTorch programs are skipped: ${NO_TORCH}`);
  const programs = matching(filter).filter(({ needsTorch }) => !needsTorch || python !== undefined);
  let isRight = true;
  const play = async (hang: ProgramCase): Promise<Result> => {
    const { outcome, tookMs, problems, stderr } = await playCase(hang, python ?? 'python3');
    const isAllowed = outcome === 'right' || (outcome === 'unknown' && hang.program.mayBeUnknown === true);
    if (!isAllowed) {
      isRight = false;
      console.log(`${spell(hang)}: ${problems.join('; ')}\n${stderr}`);
    }
    return { title: hang.program.title, outcome, tookMs };
  };
  return (await playAll('ckpt-run', programs, filter, play)) && isRight ? 0 : 1;
}

/** Plays what torchrun can launch under torchrun, prints whom it blames wrongly, and the table. Gives the exit code. */
export async function playTorchrun(filter: string): Promise<number> {
  if (!hasTorchrun) {
    console.log(`skipped: ${NO_TORCHRUN}`);
    return 0;
  }
  const programs = matching(filter).filter(({ isForTorchrun }) => isForTorchrun);
  const play = async (hang: ProgramCase): Promise<Result> => {
    const { outcome, tookMs, named } = await playUnderTorchrun(hang);
    if (outcome !== 'right') console.log(`${spell(hang)}: ${named === null ? 'nothing' : `rank ${named}`}`);
    return { title: hang.program.title, outcome, tookMs };
  };
  return (await playAll('torchrun', programs, filter, play)) ? 0 : 1;
}

const matching = (filter: string): readonly HangProgram[] => HANG_PROGRAMS.filter(({ title }) => title.includes(filter));

/** Whether there was anything to play. */
async function playAll(
  launcher: Launcher,
  programs: readonly HangProgram[],
  filter: string,
  play: (hang: ProgramCase) => Promise<Result>,
): Promise<boolean> {
  if (programs.length === 0) {
    console.log(`program-hangs: got ${JSON.stringify(filter)}, expected healthy, torchrun, or part of the title of a program`);
    return false;
  }
  const results = await sideBySide(WIDTH, everyCase(programs, WORLD_SIZES), play);
  console.log(tableOf(launcher, results));
  if (process.env['UPDATE_DOCS'] === '1' && filter === '') updatePage(launcher, results);
  return true;
}
