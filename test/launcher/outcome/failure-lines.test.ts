import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../launcher/outcome/failure.ts';
import { failureLines } from '../../../launcher/outcome/failure-lines.ts';
import { HANG_CLASSES } from '../../../shared/contracts/diagnosis.ts';
import { aborted, error, evidence, outcome } from './failure-evidence.ts';

describe('a failure in lines', () => {
  const none = (): readonly string[] => [];

  test('names the missing ranks of a hang with their processes', () => {
    const failure = failureOf(
      evidence(
        { exitCode: 124, signal: null, error: error('CKPT_BARRIER_TIMEOUT') },
        { decisions: [aborted({ missing: [1, 2] })] },
      ),
    );
    expect(failureLines(failure, [outcome(0), outcome(1)], none)).toEqual([
      'ckpt-run: HANG: it went wrong: CKPT_BARRIER_TIMEOUT  [CKPT_BARRIER_TIMEOUT]',
      '    arrived:  rank 0',
      '    missing:  rank 1, pid 101, alive until the run was ended',
      '    missing:  rank 2, pid unknown',
      '    fix:      Do better.',
    ]);
  });

  test('shows the stack without what belongs to Node, and what the rank wrote', () => {
    const stack = 'Error: it\n    at mine (/home/me/mine.ts:3:5)\n    at process.emit (node:internal/x:1:2)';
    const failure = failureOf(evidence({ exitCode: 1, signal: null, error: error('CKPT_RANK_FAILED', { stack }) }));
    expect(failureLines(failure, [], () => ['last words'])).toEqual([
      'ckpt-run: rank 1: it went wrong: CKPT_RANK_FAILED  [CKPT_RANK_FAILED]',
      '    at mine (/home/me/mine.ts:3:5)',
      '    stderr of rank 1:',
      '      last words',
      '    fix:      Do better.',
    ]);
  });

  test.for([
    ['why a signal came', 'killed-oom', null, true],
    ['the line of the sources, if the stack lacks it', 'exception-before-barrier', { file: '/work/mine.ts', line: 9 }, true],
    ['its class alone to what the stack has', 'exception-before-barrier', { file: '/work/mine.ts', line: 3 }, false],
    ['its class alone to what the failure says itself', 'died', null, false],
  ] as const)('the verdict adds %s', ([, name, at, isSaid]) => {
    const stack = 'Error: it\n    at mine (/work/mine.ts:3:5)';
    const failure = failureOf(evidence({ exitCode: 1, signal: null, error: error('CKPT_RANK_FAILED', { stack }) }));
    const place = at === null ? null : { ...at, column: 5, functionName: 'mine' };
    const verdict = { class: name, ranks: [1], place, confidence: 'high', says: 'rank 1 …', evidence: [], whyNot: [] } as const;
    const diagnosis = { barrier: null, states: [], alsoAffected: [], verdict: { ...verdict, hint: 'Give it more.' } };
    const lines = failureLines(failure, [], none, diagnosis, '/work');
    const number = HANG_CLASSES[name];
    expect(lines.filter((line) => line.startsWith('    verdict:'))).toEqual([
      isSaid ? `    verdict:  rank 1 …  [${number} ${name}, high]` : `    verdict:  ${number} ${name}, high`,
    ]);
    expect(lines.includes('              mine at mine.ts:9:5')).toBe(isSaid && at !== null);
    expect(lines.at(-1)).toBe(`    fix:      ${name === 'killed-oom' ? 'Give it more.' : 'Do better.'}`);
  });

  test('is one line for an interrupt', () => {
    expect(failureLines({ kind: 'interrupted', signal: 'SIGINT' }, [], none)).toEqual(['ckpt-run: interrupted by SIGINT']);
  });
});
