import { basename } from 'node:path';
import type { Disk } from '../disk.ts';
import { aboutProcess, linkOfProcess } from '../process-facts.ts';

/** In what a process is written, as far as somebody can be asked for its stacks. */
export type Language = 'python' | 'node' | 'other';

const PYTHON = /^(?:python|pypy)[\d.]*t?(?:-dbg|-debug)?$/;
const NODE = /^node(?:js)?$/;

/** By the program that it executes, or the name by which it was called. */
export function languageOf(disk: Disk, pid: number): Language {
  const executed = linkOfProcess(disk, pid, 'exe')?.replace(/ \(deleted\)$/, '');
  const called = aboutProcess(disk, pid, 'cmdline')?.split('\0', 1)[0];
  const names = [executed, called].map((path) => basename(path ?? ''));
  if (names.some((name) => PYTHON.test(name))) return 'python';
  return names.some((name) => NODE.test(name)) ? 'node' : 'other';
}
