import { spawnSync } from 'node:child_process';

const CANDIDATES = [...new Set([process.env['PYTHON_EXEC'] || 'python3', 'python3', '/usr/bin/python3'])];

/** What PYTHONPATH names may be meant for another Python. */
const env = { ...process.env, PYTHONPATH: undefined };

/** The first Python that has PyTorch with its distributed part: the one that is named, the usual one, or the system's. */
export const pythonWithTorch = (): string | undefined =>
  CANDIDATES.find(
    (python) => spawnSync(python, ['-c', 'import torch, torch.distributed'], { env, stdio: 'ignore' }).status === 0,
  );

/** Why something is skipped where there is none, and what to do. */
export const NO_TORCH = `no torch in ${CANDIDATES.join(', ')}; install it (Debian: python3-torch), or name a Python in PYTHON_EXEC`;
