import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What can keep a rank from meeting the others. */
export const MISDEEDS = {
  returns: () => process.exit(0),
  throws() {
    throw new Error('loss is NaN'); // HANG throws
  },
  awaits: () => new Promise(() => setInterval(() => {}, 1000)),
  spins() {
    for (;;); // HANG spins
  },
  backtracks() {
    /^(\w+\s?)+$/.test(`${'lorem'.repeat(20)}!`); // HANG backtracks
  },
  async starves() {
    for (;;) await null; // HANG starves
  },
  sleeps() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // HANG sleeps
  },
  'waits for a child': () => execFileSync('sleep', ['3600']),
  'blocks on a FIFO'() {
    execFileSync('mkfifo', ['labels.fifo']);
    readFileSync('labels.fifo');
  },
  'is stopped': () => process.kill(process.pid, 'SIGSTOP'),
};
