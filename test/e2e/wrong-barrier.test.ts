import { expect, test } from 'vitest';
import { sandbox } from './sandbox.ts';

/** The barriers of two steps with a save each; the first and the last one stand outside of steps. */
const LAST = 9;
const SHORT = ['--nproc-per-node=3', '--num-steps=50', '--barrier-timeout=1', '--quiet', '--discard-outputs'];

test.for(['skip', 'reorder'].flatMap((kind) => [0, 1, LAST].map((barrier) => [kind, barrier] as const)))(
  'a rank that is ordered to %s barrier %i is a hang, and is named',
  async ([kind, barrier]) => {
    const inject = `--inject=${kind}:rank=1,barrier=${barrier}`;
    const { code, stderr, report } = await sandbox().runForReport(['--scenario=basic', inject, ...SHORT]);
    expect(code, stderr).toBe(124);
    expect(report).toMatchObject({ diagnosis: { verdict: { ranks: [1], confidence: 'high' } } });
  },
);
