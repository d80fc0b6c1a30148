import { expect, test } from 'vitest';
import type { StopReason } from '../../launcher/group/rank-group.ts';
import { asBug } from '../../launcher/notices.ts';
import { stopRequests } from '../../launcher/stop-requests.ts';

const TIMEOUT: StopReason = { kind: 'timeout' };
const bug = (message: string): StopReason => ({ kind: 'bug', error: asBug(new Error(message)) });

test('what comes before there is a group is passed on to it, and what comes later too', () => {
  const requests = stopRequests();
  const passed: StopReason[] = [];
  requests.stop(TIMEOUT);
  requests.passTo({ stop: (reason) => passed.push(reason) });
  requests.stop({ kind: 'lease-lost' });
  expect(passed).toEqual([TIMEOUT, { kind: 'lease-lost' }]);
  expect(requests.first()).toEqual(TIMEOUT);
});

test('the first bug is remembered, whatever came before it', () => {
  const requests = stopRequests();
  requests.stop(TIMEOUT);
  expect(requests.bug()).toBeUndefined();
  for (const message of ['first', 'second']) requests.stop(bug(message));
  expect(requests.bug()).toMatchObject({ code: 'CKPT_INTERNAL', message: 'first' });
});
