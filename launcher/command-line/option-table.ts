import type { OptionRow } from './option-row.ts';
import { TORCHRUN_OPTIONS } from './torchrun-options.ts';

/** Every option once, under its dashed name; underscores and unique prefixes are accepted for each. */
export const OPTIONS = {
  ...TORCHRUN_OPTIONS,
  'torchrun-exit-codes': { kind: 'flag', group: 'torchrun', only: 'program', describe: 'End with 1 when a program failed, could not be started or was interrupted, as torchrun does' },
  mode: { kind: 'mode', group: 'Engine', only: 'scenarios', default: 'auto', describe: 'launch: start the ranks; worker: be one of those that an engine started; auto: worker where an engine is found and nothing says how many ranks to start' },
  rank: { kind: 'count', group: 'Engine', only: 'scenarios', default: "the engine's", describe: 'Which rank this worker is' },
  'world-size': { kind: 'processes', group: 'Engine', only: 'scenarios', default: "the engine's", describe: 'How many ranks the engine started; an Indexed Job does not say' },
  'run-id': { kind: 'text', group: 'Engine', only: 'scenarios', default: "the engine's", describe: 'What the workers of one run have in common, and no other run has' },
  scenario: { kind: 'text', group: 'Scenario', only: 'scenarios', default: 'all', describe: 'basic, spike, all (basic and spike), another built-in name, or a scenario file' },
  'num-steps': { kind: 'integer', group: 'Scenario', only: 'scenarios', describe: 'Simulated training steps' },
  'eval-interval': { kind: 'integer', group: 'Scenario', only: 'scenarios', describe: 'Steps between evaluations' },
  'save-interval': { kind: 'integer', group: 'Scenario', only: 'scenarios', describe: 'Steps between checkpoints' },
  'save-total-limit': { kind: 'integer-or-none', group: 'Scenario', only: 'scenarios', describe: 'Newest checkpoints to keep, or none to keep all' },
  'preserve-n-best': { kind: 'integer', group: 'Scenario', only: 'scenarios', describe: 'Best checkpoints to keep besides' },
  'inject-spike-at-step': { kind: 'integer-or-none', group: 'Scenario', only: 'scenarios', describe: 'First step of the loss spike, or none; of several scenarios, for those with a detector' },
  seed: { kind: 'integer', group: 'Scenario', only: 'scenarios', default: '0', describe: 'Seed of every random stream' },
  inject: { kind: 'faults', group: 'Scenario', only: 'scenarios', describe: 'Order a fault, such as stall:rank=1,barrier=7; several with ; between them' },
  'output-dir': { kind: 'path', group: 'Output directory', default: 'a new temporary directory', describe: 'Shared checkpoint directory' },
  'keep-outputs': { kind: 'flag', group: 'Output directory', excludes: 'discard-outputs', describe: 'Keep checkpoints and run directory after success' },
  'discard-outputs': { kind: 'flag', group: 'Output directory', excludes: 'keep-outputs', describe: 'Remove them after a failure too' },
  overwrite: { kind: 'flag', group: 'Output directory', only: 'scenarios', describe: 'Replace checkpoints of an earlier ckpt-run in the way, and nothing else; the new ones stay with --keep-outputs' },
  'barrier-timeout': { kind: 'seconds', group: 'Time', only: 'scenarios', default: '30', describe: 'How long a barrier waits for a rank that does not get on' },
  'hard-timeout': { kind: 'seconds', group: 'Time', only: 'scenarios', default: '600', describe: 'How long a barrier waits at most for one that does' },
  'hang-timeout': { kind: 'seconds', group: 'Time', only: 'program', default: 'none', describe: 'How long nothing may move in a program until it is said which rank keeps the others, where and why' },
  'hang-action': { kind: 'hang-action', group: 'Time', only: 'program', default: 'end', describe: 'end: a hang ends the run with 124; report: it is told, and told again when it changes' },
  'native-stacks': { kind: 'flag', group: 'Time', only: 'program', describe: 'Ask eu-stack or gdb where a rank is that says it in no other way; they halt it for a moment' },
  timeout: { kind: 'seconds', group: 'Time', isBarriersToo: true, default: 'none; 600 for barrier', describe: 'How long the whole run may take; how long barrier waits' },
  payload: { kind: 'json', group: 'Barrier', only: 'barrier', default: 'null', describe: 'What this rank gives to the others' },
  gather: { kind: 'flag', group: 'Barrier', only: 'barrier', describe: 'Print what the ranks have given, as an array in rank order' },
  quiet: { kind: 'flag', group: 'Output', isGlobal: true, alias: 'q', describe: 'Print only the verdict line and failures' },
  'log-format': { kind: 'log-format', group: 'Output', isGlobal: true, default: 'text', describe: 'text, or json for pino lines' },
  report: { kind: 'path', group: 'Output', describe: 'Write the machine-readable report to this file, whatever happens' },
  help: { kind: 'flag', group: 'Output', isGlobal: true, alias: 'h', describe: 'Show this help' },
  version: { kind: 'flag', group: 'Output', isGlobal: true, alias: 'V', describe: 'Show the version' },
} as const satisfies Readonly<Record<string, OptionRow>>; // biome-ignore format: a table

export type OptionName = keyof typeof OPTIONS;

/** Every option's name, in the order of the table. */
export const OPTION_NAMES: readonly OptionName[] = Object.keys(OPTIONS).filter((name): name is OptionName => name in OPTIONS);

/** Those that are ever taken. */
export const TAKEN_OPTIONS: readonly OptionName[] = OPTION_NAMES.filter((name) => rowOf(name).refusal === undefined);

/** The row of an option. */
export function rowOf(name: OptionName): OptionRow {
  return OPTIONS[name];
}

/** The option with this letter. */
export const optionOfLetter = (letter: string): OptionName | undefined =>
  OPTION_NAMES.find((name) => rowOf(name).alias === letter);

/** The variables that set an option's default, the first one first. */
export function variablesOf(name: OptionName): readonly string[] {
  const { isTorchrun = false, lacksPet = false } = rowOf(name);
  const suffix = name.toUpperCase().replaceAll('-', '_');
  return [`CKPT_RUN_${suffix}`, ...(isTorchrun && !lacksPet ? [`PET_${suffix}`] : [])];
}

/** Subcommands with their line in the help. */
export const COMMANDS = {
  scenarios: 'List the built-in scenarios',
  inspect: 'Explain a finished, hung or running run from its run directory',
  barrier: 'Wait, in a script that is a rank, until all ranks are at the barrier of this name',
  'python-path': 'Print the directory of ckpt_run.py, for PYTHONPATH',
  completion: 'Print a script that completes options in bash and zsh',
} as const;

export type CommandName = keyof typeof COMMANDS;
