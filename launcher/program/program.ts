import { basename, extname } from 'node:path';
import { safeSubstitute } from '../python-template.ts';
import type { Command } from '../rank-host.ts';

/** A program as it was asked for. */
export interface Program {
  /** A path, a name in PATH, or a Python module. */
  readonly name: string;
  /** As they were given, `${local_rank}` and all. */
  readonly args: readonly string[];
  readonly runner: Runner;
}

/** What executes a program: itself, or an interpreter that is given its file or its module. */
export type Runner = 'itself' | 'python' | 'python-module' | 'node' | 'tsx';

/** What interpreters are called on this machine. */
export interface Interpreters {
  readonly python: string;
  readonly node: string;
  /** The URL of tsx's loader. */
  readonly tsxLoader: string;
}

/** The runner that the end of a program's name stands for. */
export function runnerOf(name: string): Runner {
  const extension = extname(name);
  if (extension === '.py') return 'python';
  if (/^\.[cm]?js$/.test(extension)) return 'node';
  return /^\.[cm]?ts$/.test(extension) ? 'tsx' : 'itself';
}

/** The command that runs a program as a local rank. */
export function commandOf(program: Program, interpreters: Interpreters, localRank: number): Command {
  const { file, args: options } = interpreterOf(program, interpreters);
  const words = program.runner === 'itself' ? program.args : [program.name, ...program.args];
  const values = { local_rank: String(localRank) };
  return { file, args: [...options, ...words.map((word) => safeSubstitute(word, values))] };
}

/** What a program is called in reports. */
export const titleOf = ({ name, runner }: Program): string => (runner === 'python-module' ? name : basename(name));

/** Asks only for what it needs: tsx is looked for on the disk. */
function interpreterOf({ name, runner }: Program, interpreters: Interpreters): Command {
  switch (runner) {
    case 'itself':
      return { file: name, args: [] };
    case 'python':
      return { file: interpreters.python, args: ['-u'] };
    case 'python-module':
      return { file: interpreters.python, args: ['-u', '-m'] };
    case 'node':
      return { file: interpreters.node, args: [] };
    case 'tsx':
      return { file: interpreters.node, args: ['--import', interpreters.tsxLoader] };
  }
}
