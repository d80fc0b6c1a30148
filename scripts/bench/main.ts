import { benchBarriers } from './barrier.ts';
import { benchBreakdown } from './breakdown.ts';
import { benchConsole } from './console.ts';
import { benchWallTime } from './wall-time.ts';

/** Prints every table; numbers are for reading, and nothing here passes or fails. */
async function main(): Promise<void> {
  await benchWallTime();
  await benchBreakdown();
  await benchBarriers();
  await benchConsole();
}

await main();
