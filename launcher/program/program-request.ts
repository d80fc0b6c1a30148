import type { OutputStyle } from '../../shared/contracts/run-plan.ts';
import type { Command } from '../rank-host.ts';

/** Which of a rank's two streams: torchrun's 0 to 3. */
export type StreamSet = 'none' | 'stdout' | 'stderr' | 'both';

/** A choice for every local rank; ranks that are not named have the first field's. */
export interface StreamChoice {
  readonly others: StreamSet;
  readonly byLocalRank: ReadonlyMap<number, StreamSet>;
}

/** Where the ranks' output goes. */
export interface LogRouting {
  /** To files only. */
  readonly redirects: StreamChoice;
  /** To files and to the console. */
  readonly tee: StreamChoice;
  /** Only these local ranks appear on the console; undefined for all. */
  readonly consoleRanks: readonly number[] | undefined;
  /** torchrun's `${role_name} ${local_rank} ${rank}`; undefined for `[rank N] `. */
  readonly prefixTemplate: string | undefined;
  /** Undefined for the run directory. */
  readonly logDir: string | undefined;
}

/** The part of the world that one launcher starts. */
export interface NodePlacement {
  /** Ranks on this node. */
  readonly localWorldSize: number;
  readonly nodeCount: number;
  readonly nodeRank: number;
  readonly role: string;
  /** Undefined for an address of this machine with a free port. */
  readonly masterAddr: string | undefined;
  readonly masterPort: number | undefined;
  /** `--rdzv-id`; undefined for the run's own id. */
  readonly runId: string | undefined;
}

/** When a program counts as one that hangs, and what then becomes of it. */
export interface HangRules {
  /** How long nothing may move. */
  readonly timeoutMs: number;
  readonly action: 'end' | 'report';
  /** Whether a debugger may be asked where nobody else says where a rank is. */
  readonly nativeStacks: boolean;
}

/** Everything that is asked for when any program is launched as the ranks. */
export interface ProgramRequest {
  /** The command of a local rank: `${local_rank}` in its arguments is replaced. */
  readonly commandOf: (localRank: number) => Command;
  /** What the program is called in reports: its file's name. */
  readonly title: string;
  readonly placement: NodePlacement;
  readonly maxRestarts: number;
  readonly logs: LogRouting;
  readonly shutdownTimeoutMs: number;
  /** Undefined where nobody watches for hangs. */
  readonly hang?: HangRules | undefined;
  readonly timeoutMs: number | undefined;
  /** Undefined for a new temporary directory. */
  readonly outputDir: string | undefined;
  readonly keepOutputs: boolean;
  readonly discardOutputs: boolean;
  readonly reportFile: string | undefined;
  /** What ranks are told that the launcher handles; undefined for torchrun's default. Changes nothing else. */
  readonly signalsToHandle?: readonly string[];
  /** 1 for every failed program, as torchrun has it. */
  readonly torchrunExitCodes: boolean;
  readonly output: OutputStyle;
}
