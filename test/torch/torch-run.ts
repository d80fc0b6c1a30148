import { join } from 'node:path';
import { inject, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { NO_TORCH } from '../../scripts/torch-python.ts';
import { type ProgramRun, startCommand } from '../e2e/program-run.ts';
import { type CommandOptions, type CommandResult, runCommand } from '../e2e/run-command.ts';
import type { Sandbox } from '../e2e/sandbox.ts';

const found = inject('torchPython');
if (found === null) console.log(`skipped: ${NO_TORCH}`);

/** The Python that has torch. */
export const PYTHON = found ?? 'python3';

/** A test that needs torch. */
export const torchTest = test.skipIf(found === null);

const PROGRAMS = join(ROOT, 'test', 'torch', 'programs');

/** Each rank imports torch, which takes two seconds of a core that nobody else uses. */
const TIMEOUT_MS = 100_000;

/** Where Python finds the programs as modules; it leaves nothing beside them. */
const ENVIRONMENT = { PYTHON_EXEC: PYTHON, PYTHONPATH: PROGRAMS, PYTHONDONTWRITEBYTECODE: '1' };

/** The path of one of the programs. */
export const pathOf = (program: string): string => join(PROGRAMS, program);

/** Launches a program with its arguments, or `-m` and a module, as the ranks. */
export const startTorch = (
  box: Sandbox,
  options: readonly string[],
  command: readonly string[],
  env: CommandOptions['env'] = {},
): ProgramRun => startCommand(box, options, command, { timeoutMs: TIMEOUT_MS, env: { ...ENVIRONMENT, ...env } });

/** Runs a program without a launcher. */
export const runAlone = (program: string): Promise<CommandResult> =>
  runCommand(PYTHON, [pathOf(program)], { timeoutMs: TIMEOUT_MS, env: { ...ENVIRONMENT, TORCHELASTIC_RUN_ID: undefined } });
