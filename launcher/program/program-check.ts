import { join } from 'node:path';
import { CkptError } from '../../shared/contracts/errors.ts';
import type { Access, Disk } from '../../shared/platform/disk.ts';
import { didYouMean } from '../../shared/policy/nearest.ts';
import { COMMANDS } from '../command-line/option-table.ts';
import { builtInScenarios } from '../scenario-selection.ts';
import { PYTHON_VARIABLE } from './interpreters.ts';
import type { Program } from './program.ts';

/** Where programs without a slash in their name are looked for. */
type SearchPath = string | undefined;

/**
 * Refuses what cannot be started, before anything is: `executable` is the file of its command. Throws
 * CKPT_PROGRAM_NOT_FOUND or CKPT_PROGRAM_NOT_EXECUTABLE.
 */
export function refuseUnusable(disk: Disk, program: Program, executable: string, path: SearchPath): void {
  const { name, runner } = program;
  if (runner === 'itself') refuseProgram(disk, name, path);
  else if (runner !== 'python-module') refuseScript(disk, name);
  if (runner === 'python' || runner === 'python-module') refusePython(disk, name, executable, path);
}

function refuseProgram(disk: Disk, name: string, path: SearchPath): void {
  const access = accessOf(disk, name, path);
  if (access === 'refused')
    throw notExecutable(name, 'it cannot be executed', 'Make it executable (chmod +x), or name its interpreter in front of it.');
  if (access === 'nothing-there') throw name.includes('/') ? noSuchFile(name) : notInPath(disk, name);
}

function refuseScript(disk: Disk, name: string): void {
  const access = disk.access(name, 'read');
  if (access === 'refused') throw notExecutable(name, 'it cannot be read', 'Check its permissions.');
  if (access === 'nothing-there') throw noSuchFile(name);
}

function refusePython(disk: Disk, name: string, python: string, path: SearchPath): void {
  const hint = `Install it, or name another one in ${PYTHON_VARIABLE}.`;
  const access = accessOf(disk, python, path);
  if (access === 'refused') throw notExecutable(python, `it cannot be executed, and ${name} needs it`, hint);
  if (access === 'nothing-there') throw notFound(python, `there is no such program, and ${name} needs it`, hint);
}

/** As `execvp` looks for it. */
function accessOf(disk: Disk, file: string, path: SearchPath = '/usr/bin:/bin'): Access {
  const places = file.includes('/') ? [file] : path.split(':').map((directory) => join(directory, file));
  const found = places.map((place) => disk.access(place, 'execute'));
  return (['granted', 'refused'] as const).find((access) => found.includes(access)) ?? 'nothing-there';
}

function notInPath(disk: Disk, name: string): CkptError {
  const isHere = disk.access(name, 'read') === 'granted' && disk.kindOf(name) !== 'directory';
  const isScenario = builtInScenarios(disk).has(name) || name === 'all';
  const meant = [...Object.keys(COMMANDS), '--help', '--version'].filter((word) => word !== name);
  return notFound(
    name,
    `there is no such program in PATH${isScenario ? ` (did you mean --scenario ${name}?)` : didYouMean(name, meant)}`,
    isHere ? `Write ./${name} for the one in this directory.` : 'Check its spelling, or give its path.',
  );
}

const noSuchFile = (name: string): CkptError =>
  notFound(name, 'there is no such file', 'Check the path; it is taken from the current directory.');

const notFound = (name: string, why: string, hint: string): CkptError =>
  new CkptError(`${name}: ${why}`, { code: 'CKPT_PROGRAM_NOT_FOUND', hint });

const notExecutable = (name: string, why: string, hint: string): CkptError =>
  new CkptError(`${name}: ${why}`, { code: 'CKPT_PROGRAM_NOT_EXECUTABLE', hint });
