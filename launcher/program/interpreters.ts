import { tsxLoaderUrl } from '../../shared/platform/scenario-loader.ts';
import { PACKAGE_URL } from '../scenario-selection.ts';
import type { Interpreters } from './program.ts';

/** torchrun's variable for another Python. */
export const PYTHON_VARIABLE = 'PYTHON_EXEC';

/** The interpreters of this machine; tsx is looked for only when it is asked for. */
export const interpretersOf = (environment: Readonly<Record<string, string | undefined>>): Interpreters => ({
  python: environment[PYTHON_VARIABLE] || 'python3',
  node: process.execPath,
  get tsxLoader() {
    return tsxLoaderUrl(PACKAGE_URL);
  },
});
