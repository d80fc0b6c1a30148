import { closeSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { WATCH_NODE_OPTIONS_VARIABLE } from './watch-environment.ts';

/**
 * What a program of Node loads first, so that its stacks can be seen. For as long as the program has not taken SIGUSR1 for itself,
 * this file stays open: who wants to send the signal looks for that below /proc/PID/fd.
 */
function permitSignal(): void {
  const permission = openSync(__filename, 'r');
  let isOpen = true;
  const listeners: NodeJS.EventEmitter = process;
  // It is told before the handler is installed.
  listeners.prependListener('newListener', (name: unknown) => {
    if (name !== 'SIGUSR1' || !isOpen) return;
    isOpen = false;
    closeSync(permission);
  });
}

function restoreOptions(): void {
  const original = process.env[WATCH_NODE_OPTIONS_VARIABLE];
  if (original === undefined) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = original;
  delete process.env[WATCH_NODE_OPTIONS_VARIABLE];
}

// A worker has its own copy of what was restored already.
if (isMainThread) {
  restoreOptions();
  if (process.listenerCount('SIGUSR1') === 0) permitSignal();
}
