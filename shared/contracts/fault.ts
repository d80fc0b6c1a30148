/** What keeps a rank from going on, or ends it, wherever it is. */
export type Deed =
  /** It awaits something that never comes. */
  | { readonly kind: 'stall' }
  /** Its event loop runs one loop for ever. */
  | { readonly kind: 'spin' }
  /** It is stopped, as by SIGSTOP. */
  | { readonly kind: 'stop' }
  /** It is killed by SIGKILL. */
  | { readonly kind: 'kill' }
  /** It fills its heap until V8 gives up. */
  | { readonly kind: 'oom' }
  /** It opens a file that nobody ever opens at the other end, and blocks its event loop. */
  | { readonly kind: 'block-fs' }
  /** As many such files as its thread pool has threads: nothing asynchronous on files ends any more. */
  | { readonly kind: 'fill-pool' }
  /** From here on every step takes a tenth of a second. */
  | { readonly kind: 'slow' }
  | { readonly kind: 'throw'; readonly message?: string }
  | { readonly kind: 'exit'; readonly code: number }
  | SimulatedDeed;

/** What happens to a rank's world rather than to the rank: simulated, and said to be so. */
export type SimulatedDeed =
  /** It waits for a lock whose holder is dead. */
  | { readonly kind: 'hold-lock' }
  /** It and its heartbeat stand still, as on a host that is frozen; it names another host for itself from its start on. */
  | { readonly kind: 'freeze-host' }
  /** Its disk shows it neither arrivals nor decisions of other ranks any more. */
  | { readonly kind: 'hide-files' }
  /** Its clocks jump an hour ahead, and again whenever it waits. The other ranks stall there, so that it has to. */
  | { readonly kind: 'skew-clock' };

/** What happens around the save of a step. */
export type SaveDeed =
  /** The rank returns from the save before its first barrier and stays alive. */
  | { readonly kind: 'early-return' }
  /** It cannot write its shard: disk full. */
  | { readonly kind: 'write-error' }
  /** Its shard changes on disk after the commit. */
  | { readonly kind: 'corrupt-shard' }
  /** It does not find the checkpoint of this step: a directory that is not shared. Simulated. */
  | { readonly kind: 'hide-checkpoint' }
  /** The checkpoint of this step disappears behind the manager's back after retention ran. */
  | { readonly kind: 'lose-checkpoint' };

/** What happens in place of a barrier. */
export type BarrierDeed =
  /** The rank leaves the step before the barrier, and goes on with the next one; outside of steps it goes on behind the barrier. */
  | { readonly kind: 'skip' }
  /** It comes to the barrier that is next in turn; where no earlier step shows which that is, to the end of the scenario. */
  | { readonly kind: 'reorder' };

/** What goes wrong before a rank has begun. */
export type StartDeed =
  /** It is never started, and nobody is told. */
  | { readonly kind: 'no-start' }
  /** It is told that the world has one more rank. */
  | { readonly kind: 'world-size' };

/** Before the save of a step; on coming to a barrier, by its number in the attempt; or before the scenario is loaded. */
export type FaultPlace = { readonly step: number } | { readonly barrier: number } | { readonly point: 'start' };

/** Ordered sabotage: what happens, to which rank, and where. */
export type Fault = { readonly rank: number } & (
  | (Deed & FaultPlace)
  | (SaveDeed & { readonly step: number })
  | (BarrierDeed & { readonly barrier: number })
  | StartDeed
);

/** What a fault is called. */
export type FaultKind = Fault['kind'];

const ANYWHERE = ['step', 'barrier', 'point'] as const;

/** Where each kind of fault may strike. */
export const FAULT_PLACES = {
  stall: ANYWHERE,
  spin: ANYWHERE,
  stop: ANYWHERE,
  kill: ANYWHERE,
  oom: ANYWHERE,
  'block-fs': ANYWHERE,
  'fill-pool': ANYWHERE,
  slow: ANYWHERE,
  throw: ANYWHERE,
  exit: ANYWHERE,
  'hold-lock': ANYWHERE,
  'freeze-host': ANYWHERE,
  'hide-files': ANYWHERE,
  'skew-clock': ANYWHERE,
  skip: ['barrier'],
  reorder: ['barrier'],
  'early-return': ['step'],
  'write-error': ['step'],
  'corrupt-shard': ['step'],
  'hide-checkpoint': ['step'],
  'lose-checkpoint': ['step'],
  'no-start': [],
  'world-size': [],
} as const satisfies Readonly<Record<FaultKind, readonly (typeof ANYWHERE)[number][]>>;

/** Whether it is what may strike anywhere. */
export const isDeed = (fault: Fault): fault is Extract<Fault, Deed> => FAULT_PLACES[fault.kind] === ANYWHERE;

/** The kinds of fault, for validation and help. */
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULT_PLACES).filter(
  (kind): kind is FaultKind => kind in FAULT_PLACES,
);
