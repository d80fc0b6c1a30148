import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../../../shared/contracts/journal.ts';
import { accountOf } from '../../../../shared/policy/invariants/account.ts';
import { findingsOf, INVARIANTS, judge } from '../../../../shared/policy/invariants/index.ts';
import { INVARIANT_GROUPS, type Invariant } from '../../../../shared/policy/invariants/invariant.ts';
import { evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { declare, rewrite } from '../tampering.ts';

/** The lists under "What Gets Tested" in the user's document, word for word. */
const DOCUMENT = {
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
} as const;

describe('INVARIANTS', () => {
  it.each(INVARIANT_GROUPS)('cover every line under %s, and no other', (group) => {
    const covered = INVARIANTS.filter((invariant) => invariant.group === group).map(({ covers }) => covers);
    expect([...new Set(covered)].sort()).toEqual([...DOCUMENT[group]].sort());
  });

  it('have names of their own, a claim and a hint in a sentence', () => {
    expect(INVARIANTS.map(({ name }) => name)).toEqual([
      'best-count', 'best-tracked', 'best-exists', 'best-preserved', 'total-limit', 'disk-expected',
      'best-updated-before-save', 'preserved-list-accurate', 'no-good-deleted',
      'detector-receives-evaluations', 'divergence-detected', 'stopped-in-time', 'callback-state-restored',
      'only-rank-0-logs', 'barriers-in-order', 'checkpoints-visible', 'decisions-equal',
      'metrics-recorded', 'best-sorted', 'fates-known',
    ]); // biome-ignore format: a list
    for (const { claim, hint } of INVARIANTS) for (const sentence of [claim, hint]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('sign their findings', () => {
    for (const invariant of INVARIANTS) {
      for (const finding of invariant.check(accountOf(evidenceOf({}, SPIKE)))) expect(finding.invariant).toBe(invariant.name);
    }
  });
});

describe('judge', () => {
  it('passes the scenarios of the document with their numbers', () => {
    expect(judge(evidenceOf({}, SPIKE))).toMatchObject({
      scenario: 'imagined',
      status: 'passed',
      metricName: 'loss',
      onDisk: [25, 50, 75, 100],
      best: [{ step: 50 }, { step: 25 }],
      divergedAtStep: 100,
    });
    expect(judge(evidenceOf())).toMatchObject({
      status: 'passed',
      onDisk: [50, 75, 100],
      best: [{ step: 100 }, { step: 75 }],
      divergedAtStep: null,
    });
  });

  it("prints the document's lines in the document's order", () => {
    const messages = judge(evidenceOf({}, SPIKE)).findings.map(({ message }) => message);
    const lines = [
      'Best checkpoints count: 2 <= preserve_n_best=2',
      'Best checkpoint exists: checkpoint-25',
      'Best checkpoint exists: checkpoint-50',
      'Total checkpoints: 4 <= 5',
      'Divergence detector triggered as expected',
      'Best checkpoints sorted correctly: [2.7891, 2.8234]',
    ];
    expect(messages.filter((message) => lines.includes(message))).toEqual(lines);
  });

  it("gives the invariant's hint to failures only, unless the scenario has its own", () => {
    const deaf = evidenceOf({ detector: 'none' }, SPIKE);
    for (const { status, hint } of judge(deaf).findings) expect(hint === undefined).toBe(status !== 'failed');
    const hinted = judge(declare(deaf, { hint: 'Look here.' })).findings.filter(({ status }) => status === 'failed');
    expect(new Set(hinted.map(({ hint }) => hint))).toEqual(new Set(['Look here.']));
  });

  it('is not lost in a long history: its time grows as the history does', () => {
    const long = evidenceOf({ numSteps: 6000, evalInterval: 1, saveInterval: 1, detector: 'stop' });
    expect(judge(long).status).toBe('passed');
  });

  it('decides nothing where a check breaks down', () => {
    const broken: Invariant = {
      name: 'broken',
      group: 'Metrics Tracking',
      covers: 'Summary printed at end',
      claim: 'It cannot be checked.',
      hint: 'Do nothing.',
      check: () => {
        throw new Error('no such thing');
      },
    };
    expect(findingsOf(broken, accountOf(evidenceOf()))).toEqual([
      { invariant: 'broken', status: 'unknown', message: 'broken could not be checked: no such thing' },
    ]);
  });

  it('is undecided where a journal has lines that cannot be read', () => {
    const { status, findings } = judge({ ...evidenceOf(), unreadable: [0, 2] });
    expect(status).toBe('unknown');
    expect(findings[0]).toEqual({
      invariant: 'best-count',
      status: 'unknown',
      message: 'best-count could not be checked: lines in the journal of rank 1 cannot be read: 2',
    });
  });

  it('is undecided where the history cannot be played again, and still says what is on disk', () => {
    const broken = rewrite(evidenceOf(), 0, (journal) => [null as unknown as JournalEvent, ...journal]);
    const { findings, ...verdict } = judge(broken);
    expect(verdict).toMatchObject({ scenario: 'imagined', status: 'unknown', onDisk: [50, 75, 100], checkpoints: [], best: [] });
    expect(findings.map(({ status, invariant }) => [status, invariant])).toEqual(INVARIANTS.map(({ name }) => ['unknown', name]));
    expect(findings[0]?.message).toMatch(/^best-count could not be checked: /);
  });
});
