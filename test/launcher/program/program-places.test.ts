import { expect, test } from 'vitest';
import { programPlaces, runName } from '../../../launcher/program/program-places.ts';
import type { ProgramRequest } from '../../../launcher/program/program-request.ts';

const none = { others: 'none' as const, byLocalRank: new Map() };

const request = (placement: Partial<ProgramRequest['placement']>, logDir?: string): ProgramRequest => ({
  commandOf: () => ({ file: 'true', args: [] }),
  title: 'true',
  placement: {
    ...{ localWorldSize: 2, nodeCount: 1, nodeRank: 0, role: 'default' },
    ...{ masterAddr: undefined, masterPort: undefined, runId: undefined },
    ...placement,
  },
  maxRestarts: 0,
  logs: { redirects: none, tee: none, consoleRanks: undefined, prefixTemplate: undefined, logDir },
  ...{ shutdownTimeoutMs: 5000, timeoutMs: undefined, outputDir: undefined, keepOutputs: false, discardOutputs: false },
  ...{ reportFile: undefined, torchrunExitCodes: false },
  output: { logFormat: 'text', quiet: false, color: false, progress: false },
});

test.for([
  [undefined, 1, 'own'],
  ['job', 1, 'job_own'],
  ['../a b', 1, '_2e__2e__2f_a_20_b_own'],
  ['job', 2, 'job'],
] as const)('a run called %s on %i nodes is named %s', ([runId, nodeCount, name]) => {
  expect(runName(request({ runId, nodeCount }), 'own')).toBe(name);
});

test.for([
  [{}, undefined, '/out/.ckpt-run/job/attempt_3/1/error.json'],
  [{}, '/logs', '/logs/job/attempt_3/1/error.json'],
  [{ nodeCount: 2, nodeRank: 1 }, undefined, '/out/.ckpt-run/job/attempt_3/node_1/1/error.json'],
] as const)('test_function_raise: the error file of %j with --log-dir %s is %s', ([placement, logDir, path]) => {
  expect(programPlaces(request(placement, logDir), '/out', 'job').attempt(3).errorFile(1)).toBe(path);
});
