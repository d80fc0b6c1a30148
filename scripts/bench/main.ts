import { benchBarriers } from './barrier.ts';
import { benchBreakdown } from './breakdown.ts';
import { benchConsole } from './console.ts';
import { benchLatency } from './latency.ts';
import { benchProgramBarriers } from './program-barrier.ts';
import { benchStart } from './start.ts';
import { benchWallTime } from './wall-time.ts';

/** Prints every table; numbers are for reading, and nothing here passes or fails. */
async function main(): Promise<void> {
  await benchStart();
  await benchLatency();
  await benchConsole();
  await benchWallTime();
  await benchBreakdown();
  await benchBarriers();
  await benchProgramBarriers();
}

await main();
