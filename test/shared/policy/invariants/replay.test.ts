import { describe, expect, it } from 'vitest';
import { type Instant, lostAtStep, replay } from '../../../../shared/policy/invariants/replay.ts';
import { evidenceOf } from '../healthy-evidence.ts';
import { edit, withoutOnDisk } from '../tampering.ts';

const BASIC_RUN = evidenceOf({ saveTotalLimit: 1, preserveNBest: 1, numSteps: 75, metric: (step) => step });
const summaryOf = ({ event, step, onDisk, settled }: Instant): readonly unknown[] => [
  event?.type ?? 'the end',
  step,
  [...onDisk],
  settled,
];

describe('replay', () => {
  it('follows the disk through commits, decisions, deletions and listings', () => {
    expect(replay(BASIC_RUN).instants.map(summaryOf)).toEqual([
      ['save:started', 0, [], true],
      ['checkpoint:committed', 25, [25], false],
      ['disk:listed', 25, [25], false],
      ['retention:decided', 25, [25], true],
      ['disk:listed', 25, [25], true],
      ['save:started', 25, [25], true],
      ['checkpoint:committed', 50, [25, 50], false],
      ['disk:listed', 50, [25, 50], false],
      ['retention:decided', 50, [25, 50], true],
      ['disk:listed', 50, [25, 50], true],
      ['save:started', 50, [25, 50], true],
      ['checkpoint:committed', 75, [25, 50, 75], false],
      ['disk:listed', 75, [25, 50, 75], false],
      ['retention:decided', 75, [25, 50, 75], false],
      ['checkpoint:deleted', 75, [25, 75], true],
      ['disk:listed', 75, [25, 75], true],
      ['the end', 75, [25, 75], true],
    ]);
  });

  it('holds the disk to its limits before the next save even where retention never decided', () => {
    const undecided = edit(BASIC_RUN, 0, 'retention:decided', () => []);
    expect(
      replay(undecided)
        .instants.filter(({ settled }) => settled)
        .map(summaryOf)
        .slice(0, 3),
    ).toEqual([
      ['save:started', 0, [], true],
      ['save:started', 25, [25], true],
      ['save:started', 50, [25, 50], true],
    ]);
  });

  it('believes the directory, and remembers what was recorded', () => {
    const { end, instants, committed } = replay(withoutOnDisk(BASIC_RUN, 25));
    expect(end).toBe(instants.at(-1));
    expect(end).toMatchObject({ event: undefined, onDisk: [75], recorded: [25, 75] });
    expect(committed).toEqual([
      { step: 25, metric: 25 },
      { step: 50, metric: 50 },
      { step: 75, metric: 75 },
    ]);
  });

  it('counts a checkpoint that is saved again once', () => {
    const twice = edit(BASIC_RUN, 0, 'checkpoint:committed', (event) => (event.step === 50 ? [event, event] : [event]));
    expect(replay(twice).committed.map(({ step }) => step)).toEqual([25, 50, 75]);
    expect(replay(twice).end.good).toEqual(replay(BASIC_RUN).end.good);
  });
});

describe('lostAtStep', () => {
  it('names the step of training at which a checkpoint went', () => {
    expect(lostAtStep(replay(BASIC_RUN).instants, 50)).toBe(75);
    const vanished = edit(BASIC_RUN, 0, 'disk:listed', (event) => [
      { ...event, checkpoints: event.checkpoints.filter((step) => step !== 25 || event.step < 50) },
    ]);
    expect(lostAtStep(replay(withoutOnDisk(vanished, 25)).instants, 25)).toBe(50);
    const late = edit(BASIC_RUN, 0, 'checkpoint:deleted', (event) => [{ ...event, atStep: 80 }]);
    expect(lostAtStep(replay(late).instants, 50)).toBe(80);
  });

  it('names none for a checkpoint that is still there or never was', () => {
    expect(lostAtStep(replay(BASIC_RUN).instants, 75)).toBeUndefined();
    expect(lostAtStep(replay(BASIC_RUN).instants, 60)).toBeUndefined();
  });
});
