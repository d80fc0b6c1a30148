import { expect, test } from 'vitest';
import { answering, notedBarrier, openDoing } from '../../rank/doing.ts';
import { nodeClock } from '../../shared/platform/clock.ts';
import { meetingPlace } from './meeting-place.ts';

test('what a rank has begun and not ended stands there, outermost first, with the place that began it', async () => {
  const doing = openDoing(nodeClock);
  const seen = await doing.during('saving', () => doing.during('writing', async () => doing.now()));
  expect(seen.map(({ what }) => what)).toEqual(['saving', 'writing']);
  for (const { stack, forMs } of seen) {
    expect(stack).toContain('doing.test.ts');
    expect(forMs).toBeGreaterThanOrEqual(0);
  }
  expect(doing.now()).toEqual([]);
});

test('an answer comes with the functions of the user that it is about, and they stay those of this answer', async () => {
  const doing = openDoing(nodeClock);
  const onSave = (): void => undefined;
  const answer = answering(doing);
  const told = await doing.during('saving', () => doing.calling('callback', onSave, async () => answer()));
  expect(JSON.parse(told)).toMatchObject([{ what: 'saving', lock: null }, { what: 'callback' }]);
  expect(told).not.toContain('code');
  expect(answer.functions()).toEqual([undefined, onSave]);
});

test("the user's file stands with its loading, and with what is called of it", async () => {
  const doing = openDoing(nodeClock);
  const filesNow = async () => doing.now().map(({ file }) => file);
  expect(await doing.loading('/home/me/a.ts', filesNow)).toEqual(['/home/me/a.ts']);
  expect(await doing.during('saving', () => doing.calling('callback', undefined, filesNow))).toEqual([null, '/home/me/a.ts']);
});

test('what fails has ended', async () => {
  const doing = openDoing(nodeClock);
  const fail = (): never => {
    throw new RangeError('full');
  };
  await expect(doing.during('writing', fail)).rejects.toThrow('full');
  expect(doing.now()).toEqual([]);
});

test('a rank that waits at a barrier says so, and at which', async () => {
  const doing = openDoing(nodeClock);
  const [first, second] = meetingPlace(2);
  if (first === undefined || second === undefined) throw new RangeError('a world of two');
  const waiting = notedBarrier(first, doing).within(10_000).wait('save');
  expect(doing.now().map(({ what }) => what)).toEqual(['barrier #0 "save"']);
  await Promise.all([waiting, second.wait('save')]);
  expect(doing.now()).toEqual([]);
});
