/** Ordered sabotage: what happens, to which rank, at which step of training. */
export type Fault = { readonly rank: number; readonly step: number } & (
  | {
      /** The rank returns from the save before its first barrier and stays alive. */
      readonly kind: 'early-return';
    }
  | {
      /** The rank throws before the save. */
      readonly kind: 'throw';
      readonly message?: string;
    }
  | {
      /** The rank's process exits with this code before the save. */
      readonly kind: 'exit';
      readonly code: number;
    }
  | {
      /** The rank's process is killed by SIGKILL before the save. */
      readonly kind: 'kill';
    }
  | {
      /** The rank cannot write its shard: disk full. */
      readonly kind: 'write-error';
    }
  | {
      /** The rank's shard changes on disk after the commit. */
      readonly kind: 'corrupt-shard';
    }
  | {
      /** The rank does not find the checkpoint of this step: a directory that is not shared. Simulated. */
      readonly kind: 'hide-checkpoint';
    }
  | {
      /** The checkpoint of this step disappears behind the manager's back after retention ran. */
      readonly kind: 'lose-checkpoint';
    }
);

/** The kinds of fault, for validation and help. */
export const FAULT_KINDS = [
  'early-return',
  'throw',
  'exit',
  'kill',
  'write-error',
  'corrupt-shard',
  'hide-checkpoint',
  'lose-checkpoint',
] as const satisfies readonly Fault['kind'][];
