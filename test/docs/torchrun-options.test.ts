import { expect, test } from 'vitest';
import { rowsOf } from './pages.ts';

/** The table of torchrun's own options (PyTorch 2.14), written down apart from ours: with their letters, one a line. */
const TORCHRUNS = `
--nnodes
--nproc-per-node
--rdzv-backend
--rdzv-endpoint
--rdzv-id
--rdzv-conf
--standalone
--max-restarts
--monitor-interval
--start-method
--event-log-handler
--role
--module -m
--no-python
--run-path
--log-dir
--redirects -r
--tee -t
--local-ranks-filter
--duplicate-stdout-filters
--duplicate-stderr-filters
--node-rank
--master-addr
--master-port
--local-addr
--logs-specs
--numa-binding
--signals-to-handle
--shutdown-timeout
--virtual-local-rank
--use-env
`;

const rows = rowsOf('docs/torchrun.md', 'Options');

test('every option of torchrun is in the table, and no other', () => {
  const spelled = rows.map(([option = '']) => option.replaceAll(/[`,]/g, ''));
  expect(spelled.sort()).toEqual(TORCHRUNS.trim().split('\n').sort());
});

test('each has a status, and its variable but for those to which torchrun gives none', () => {
  const statuses = new Set(rows.map(([, , status]) => status));
  expect([...statuses].sort()).toEqual(['no effect', 'refused', 'works']);
  const bare = rows.flatMap(([option = '', , , , variable]) => (variable === '' ? [option] : []));
  expect(bare).toEqual(['`--logs-specs`', '`--numa-binding`', '`--use-env`']);
});
