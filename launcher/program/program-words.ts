import { usageError } from '../../shared/contracts/errors.ts';
import type { CommandLine } from '../command-line/options.ts';
import { givenTogether } from '../run-settings.ts';
import { type Program, type Runner, runnerOf } from './program.ts';

/** The program that a command line names. Throws CKPT_USAGE. */
export function programOf(line: CommandLine): Program {
  const [name = '', ...args] = line.positionals;
  if (name === '') throw usageError('program: got "", expected a path, a name in PATH or a Python module');
  return { name, args, runner: runnerFor(line, name) };
}

function runnerFor({ isSet, given }: CommandLine, name: string): Runner {
  const [module, noPython] = (['module', 'no-python'] as const).map((option) =>
    isSet(option) ? given(option)?.name : undefined,
  );
  if (module !== undefined && noPython !== undefined) throw givenTogether(module, noPython);
  if (module !== undefined) return 'python-module';
  return noPython === undefined ? runnerOf(name) : 'itself';
}
