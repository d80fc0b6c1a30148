/** How the text behind an option is understood. */
export type OptionKind = 'flag' | 'text' | 'path' | 'integer' | 'integer-or-none' | 'seconds' | 'processes' | 'log-format';

/** One option of the command line. */
export interface OptionRow {
  readonly kind: OptionKind;
  readonly group: 'torchrun' | 'Scenario' | 'Output directory' | 'Time' | 'Output';
  readonly describe: string;
  readonly alias?: string;
  /** Shown in the help; what applies when neither command line nor environment says otherwise. */
  readonly default?: string;
  /** What it cannot be given together with; on the command line it overrules that one's variable. */
  readonly excludes?: 'keep-outputs' | 'discard-outputs';
  /** torchrun's option: its `PET_` variable is a default too. */
  readonly isTorchrun?: boolean;
  /** Subcommands take it too. */
  readonly isGlobal?: boolean;
}

/** Every option once, under its dashed name; underscores and unique prefixes are accepted for each. */
export const OPTIONS = {
  'nproc-per-node': {
    kind: 'processes', group: 'torchrun', isTorchrun: true, default: '1',
    describe: 'Ranks to start: a number, or auto or cpu for one per core',
  },
  scenario: { kind: 'text', group: 'Scenario', default: 'all', describe: 'basic, spike, all (basic and spike), another built-in name, or a scenario file' },
  'num-steps': { kind: 'integer', group: 'Scenario', describe: 'Simulated training steps' },
  'eval-interval': { kind: 'integer', group: 'Scenario', describe: 'Steps between evaluations' },
  'save-interval': { kind: 'integer', group: 'Scenario', describe: 'Steps between checkpoints' },
  'save-total-limit': { kind: 'integer-or-none', group: 'Scenario', describe: 'Newest checkpoints to keep, or none to keep all' },
  'preserve-n-best': { kind: 'integer', group: 'Scenario', describe: 'Best checkpoints to keep besides' },
  'inject-spike-at-step': { kind: 'integer-or-none', group: 'Scenario', describe: 'First step of the loss spike, or none; of several scenarios, for those with a detector' },
  seed: { kind: 'integer', group: 'Scenario', default: '0', describe: 'Seed of every random stream' },
  'output-dir': { kind: 'path', group: 'Output directory', default: 'a new temporary directory', describe: 'Shared checkpoint directory' },
  'keep-outputs': { kind: 'flag', group: 'Output directory', excludes: 'discard-outputs', describe: 'Keep checkpoints and run directory after success' },
  'discard-outputs': { kind: 'flag', group: 'Output directory', excludes: 'keep-outputs', describe: 'Remove them after a failure too' },
  overwrite: { kind: 'flag', group: 'Output directory', describe: 'Replace checkpoints of an earlier ckpt-run in the way; never anything else' },
  'barrier-timeout': { kind: 'seconds', group: 'Time', default: '30', describe: 'How long a barrier waits for the last rank' },
  timeout: { kind: 'seconds', group: 'Time', default: 'none', describe: 'How long the whole run may take' },
  'shutdown-timeout': { kind: 'seconds', group: 'Time', default: '5', describe: 'Time between SIGTERM and SIGKILL for a rank that must end' },
  quiet: { kind: 'flag', group: 'Output', isGlobal: true, alias: 'q', describe: 'Print only the verdict line and failures' },
  'log-format': { kind: 'log-format', group: 'Output', isGlobal: true, default: 'text', describe: 'text, or json for pino lines' },
  report: { kind: 'path', group: 'Output', describe: 'Write the machine-readable report to this file, whatever happens' },
  help: { kind: 'flag', group: 'Output', isGlobal: true, alias: 'h', describe: 'Show this help' },
  version: { kind: 'flag', group: 'Output', isGlobal: true, alias: 'V', describe: 'Show the version' },
} as const satisfies Readonly<Record<string, OptionRow>>; // biome-ignore format: a table

export type OptionName = keyof typeof OPTIONS;

/** Every option's name, in the order of the table. */
export const OPTION_NAMES: readonly OptionName[] = Object.keys(OPTIONS).filter((name): name is OptionName => name in OPTIONS);

/** The row of an option. */
export const rowOf = (name: OptionName): OptionRow => OPTIONS[name];

/** Subcommands with their line in the help. */
export const COMMANDS = {
  scenarios: 'List the built-in scenarios',
  completion: 'Print a script that completes options in bash and zsh',
} as const;

export type CommandName = keyof typeof COMMANDS;
