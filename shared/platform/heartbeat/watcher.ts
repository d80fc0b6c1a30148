import { uptime } from 'node:os';
import { workerData } from 'node:worker_threads';
import { nodeClock } from '../clock.ts';
import { nodeDisk } from '../disk.ts';
import { BEAT_EVERY_MS } from './beat-file.ts';
import { beater, isPulse } from './pulse.ts';

// The watcher of a rank: a thread that says every now and then that the process runs, and since when its event loop does not.
// It works with synchronous calls only: others would wait behind the calls of the rank in the same thread pool.
const beat = isPulse(workerData) ? beater({ clock: nodeClock, disk: nodeDisk }, workerData, uptime) : () => undefined;

const beatOn = (): void => {
  beat();
  nodeClock.after(BEAT_EVERY_MS, beatOn);
};
beatOn();
