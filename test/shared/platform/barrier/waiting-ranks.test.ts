import { expect, test } from 'vitest';
import { waitingRanks } from '../../../../shared/platform/barrier/waiting-ranks.ts';
import { nodeDisk } from '../../../../shared/platform/disk.ts';
import { meetingPlace } from './meeting-place.ts';

test('nobody waits where there are no barriers yet', () =>
  expect(waitingRanks(nodeDisk, meetingPlace(2).directory)).toBeUndefined());

test('who has arrived at a barrier that is not decided waits there, and nobody once it is', async () => {
  const { directory, join } = meetingPlace(3);
  const ranks = [join(0), join(1), join(2)];
  for (const [sequence, name] of ['load', 'größer', 'a/b', 'end'].entries()) {
    const early = [2, 0].map((rank) => ranks[rank]?.wait(name));
    // A call arrives in the next turn.
    await Promise.resolve();
    expect(waitingRanks(nodeDisk, directory)).toEqual({ barrier: { sequence, name }, ranks: [0, 2] });
    await Promise.all([...early, ranks[1]?.wait(name)]);
    expect(waitingRanks(nodeDisk, directory)).toBeUndefined();
  }
});

test('nobody waits any more at a barrier that was given up', async () => {
  const { directory, join } = meetingPlace(2);
  await expect(join(1, { timeoutMs: 0 }).wait('save')).rejects.toMatchObject({ code: 'CKPT_BARRIER_TIMEOUT' });
  expect(waitingRanks(nodeDisk, directory)).toBeUndefined();
});
