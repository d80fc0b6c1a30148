import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import type { Json } from '../../shared/contracts/json.ts';
import { temporaryDirectory } from '../e2e/run-command.ts';
import { filesIn, layOut, VECTORS } from '../shared/platform/barrier/protocol-vectors.ts';
import { NO_PYTHON, PYTHON } from './find-python.ts';

interface Answers {
  readonly fingerprints: readonly string[];
  readonly outcomes: readonly Json[];
}

/** Starts Python once for all vectors. */
function askPython(asked: Json): Answers {
  const program = join(ROOT, 'test', 'fixtures', 'protocol_client.py');
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-B', program], { input: JSON.stringify(asked), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${PYTHON} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout);
}

describe.skipIf(NO_PYTHON !== undefined)('the module in Python', () => {
  test('keeps to the vectors of the protocol', () => {
    const directories = VECTORS.barriers.map(temporaryDirectory);
    for (const [index, { before }] of VECTORS.barriers.entries()) layOut(directories[index] ?? '', before);
    const barriers = VECTORS.barriers.map(({ call }, index) => ({ directory: directories[index] ?? '', call }));
    const fingerprints = VECTORS.fingerprints.map(({ sequence, name, callSite }) => ({ sequence, name, callSite }));
    const answers = askPython({ fingerprints, barriers });
    expect(answers.fingerprints).toEqual(VECTORS.fingerprints.map(({ fingerprint }) => fingerprint));
    for (const [index, { what, after, outcome }] of VECTORS.barriers.entries()) {
      const left = filesIn(directories[index] ?? '');
      expect({ what, outcome: answers.outcomes[index], left }).toEqual({ what, outcome, left: after });
    }
  });
});
