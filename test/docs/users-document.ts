import type { InvariantGroup } from '../../shared/policy/invariants/invariant.ts';

/** The lines under "What Gets Tested" in the document that the project was made from. */
export const WHAT_GETS_TESTED: Readonly<Record<InvariantGroup, readonly string[]>> = {
  'Checkpoint Preservation': [
    'Best N checkpoints tracked correctly',
    'Best checkpoints never deleted',
    'save_total_limit respected',
    'Total checkpoints ≤ save_total_limit + preserve_n_best',
  ],
  'Race Condition Fix': [
    'Best checkpoint list updated BEFORE save',
    'Preserved list accurate during deletion',
    'No good checkpoints deleted',
  ],
  'Divergence Detection': [
    'Detector receives eval metrics',
    'Detector triggers on loss spike',
    'Training stops when divergence detected',
    'Stateful callback state preserved',
  ],
  'DDP Coordination': ['Only rank 0 logs', 'All ranks coordinate via barriers', 'Checkpoints visible to all ranks'],
  'Metrics Tracking': ['Metrics shown with checkpoint list', 'Best checkpoints sorted by metric', 'Summary printed at end'],
};

/** Its five points under "Verification", and the line that a passed spike run prints for each. */
export const VERIFICATION: readonly { readonly point: string; readonly invariant: string; readonly printed: string }[] = [
  {
    point: 'Checkpoint count: `len(best_checkpoints) <= preserve_n_best`',
    invariant: 'best-count',
    printed: '✓ Best checkpoints count: 2 <= preserve_n_best=2',
  },
  {
    point: 'Existence: all best checkpoints exist on disk',
    invariant: 'best-exists',
    printed: '✓ Best checkpoint exists: checkpoint-25',
  },
  {
    point: 'Total limit: `total_checkpoints <= save_total_limit + preserve_n_best`',
    invariant: 'total-limit',
    printed: '✓ Total checkpoints: 4 <= 5',
  },
  {
    point: 'Divergence: detector triggered if spike injected',
    invariant: 'divergence-detected',
    printed: '✓ Divergence detector triggered as expected',
  },
  {
    point: 'Sorting: best checkpoints sorted by metric value',
    invariant: 'best-sorted',
    printed: '✓ Best checkpoints sorted correctly: [2.7891, 2.8234]',
  },
];
