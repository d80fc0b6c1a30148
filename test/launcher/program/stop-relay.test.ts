import { expect, test } from 'vitest';
import type { RankGroup, StopReason } from '../../../launcher/group/rank-group.ts';
import { stopRelay } from '../../../launcher/program/stop-relay.ts';

/** A group that remembers why it was stopped. */
function recorder(): { readonly group: RankGroup; readonly reasons: StopReason[] } {
  const reasons: StopReason[] = [];
  const group = {
    ended: new Promise<never>(() => undefined),
    stop: (reason: StopReason) => void reasons.push(reason),
    isAlive: () => true,
  };
  return { group, reasons };
}

const TIMEOUT = { kind: 'timeout' } as const;
const INTERRUPT = { kind: 'interrupted', signal: 'SIGINT' } as const;

test('a group that comes later is stopped for the first reason', () => {
  const relay = stopRelay();
  const { group, reasons } = recorder();
  relay.stop(TIMEOUT);
  relay.stop(INTERRUPT);
  relay.attach(group);
  expect(reasons).toEqual([TIMEOUT]);
  expect(relay.reason).toBe(TIMEOUT);
});

test('every reason reaches the group that runs, and no other', () => {
  const relay = stopRelay();
  const [earlier, later] = [recorder(), recorder()];
  relay.attach(earlier.group);
  relay.attach(later.group);
  relay.stop(INTERRUPT);
  relay.stop(INTERRUPT);
  expect([earlier.reasons, later.reasons]).toEqual([[], [INTERRUPT, INTERRUPT]]);
});
