import type { LogRouting, NodePlacement, StreamChoice, StreamSet } from '../../../launcher/program/program-request.ts';

export const choice = (others: StreamSet, byLocalRank: readonly (readonly [number, StreamSet])[] = []): StreamChoice => ({
  others,
  byLocalRank: new Map(byLocalRank),
});

/** Nothing was asked for, except for this. */
export const routing = (asked: Partial<LogRouting> = {}): LogRouting => ({
  redirects: choice('none'),
  tee: choice('none'),
  consoleRanks: undefined,
  prefixTemplate: undefined,
  logDir: undefined,
  ...asked,
});

/** One node with so many ranks. */
export const placement = (localWorldSize: number): NodePlacement => ({
  localWorldSize,
  nodeCount: 1,
  nodeRank: 0,
  role: 'default',
  masterAddr: undefined,
  masterPort: undefined,
  runId: undefined,
});
