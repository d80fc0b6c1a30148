import { spawnSync } from 'node:child_process';

/** The Python of launched programs. */
export const PYTHON = process.env['PYTHON_EXEC'] || 'python3';

/** Why tests of the module in Python are skipped; undefined where they are not. */
export const NO_PYTHON =
  spawnSync(PYTHON, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0
    ? undefined
    : `${PYTHON} is not here, or older than 3.8`;

if (NO_PYTHON !== undefined) console.log(`skipped: ${NO_PYTHON}`);
