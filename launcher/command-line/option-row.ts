/** How the text behind an option is understood. */
export type OptionKind =
  | 'flag'
  | 'text'
  | 'path'
  | 'integer'
  | 'count'
  | 'integer-or-none'
  | 'seconds'
  | 'processes'
  | 'port'
  | 'endpoint'
  | 'streams'
  | 'local-ranks'
  | 'signals'
  | 'start-method'
  | 'faults'
  | 'json'
  | 'log-format'
  | 'hang-action'
  | 'mode';

/** One option of the command line. */
export interface OptionRow {
  readonly kind: OptionKind;
  readonly group: 'torchrun' | 'Engine' | 'Scenario' | 'Output directory' | 'Time' | 'Barrier' | 'Output';
  readonly describe: string;
  readonly alias?: string;
  /** Shown in the help; what applies when neither command line nor environment says otherwise. */
  readonly default?: string;
  /** What it cannot be given together with; on the command line it overrules that one's variable. */
  readonly excludes?: 'keep-outputs' | 'discard-outputs';
  /** torchrun's option: its `PET_` variable is a default too. */
  readonly isTorchrun?: boolean;
  /** One of torchrun's that has no `PET_` variable. */
  readonly lacksPet?: boolean;
  /** Taken only where scenarios are run, only where a program is launched, or only by the subcommand barrier; by every run when absent. */
  readonly only?: 'scenarios' | 'program' | 'barrier';
  /** The subcommand barrier takes it besides. */
  readonly isBarriersToo?: boolean;
  /** Taken and checked, but nothing comes of it; `describe` says why. */
  readonly isNoOp?: boolean;
  /** Never taken: why not, and what is expected in its place. */
  readonly refusal?: string;
  /** torchrun's own default is the empty text: given, it is as nothing. */
  readonly mayBeEmpty?: boolean;
  /** Subcommands take it too. */
  readonly isGlobal?: boolean;
}
