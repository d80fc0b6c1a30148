import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onStreamError } from '../../../shared/platform/stream-errors.ts';

test('a stream is not opened before it is used, and then its errors are heard', () => {
  const heard: string[] = [];
  const made: EventEmitter[] = [];
  const lazy = Object.defineProperty({ stdout: new EventEmitter() }, 'stdout', {
    configurable: true,
    get: () => {
      made.push(new EventEmitter());
      return made[0];
    },
  });
  onStreamError(lazy, 'stdout', ({ message }) => heard.push(message));
  expect(made).toEqual([]);
  for (const message of ['EPIPE', 'ENOSPC']) lazy.stdout.emit('error', new Error(message));
  expect({ heard, opened: made.length }).toEqual({ heard: ['EPIPE', 'ENOSPC'], opened: 1 });
});

test('a stream that is there already is left alone', () => {
  const stdout = new EventEmitter();
  const open = { stdout };
  onStreamError(open, 'stdout', () => undefined);
  expect(open.stdout).toBe(stdout);
  expect(stdout.listenerCount('error')).toBe(0);
});
