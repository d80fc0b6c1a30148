import { expect, test } from 'vitest';
import { consoleQueue, isGone } from '../../../launcher/console/console-queue.ts';
import type { ByteOutput } from '../../../shared/platform/byte-output.ts';

const MEBIBYTE = 1024 * 1024;

/** An output that writes when it is told to, or fails. */
function gatedOutput(written: string[]): ByteOutput & { pass(): Promise<void>; fail(code: string): Promise<void> } {
  let settle: { resolve(): void; reject(error: Error): void } | undefined;
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        settle = { resolve: () => resolve(void written.push(bytes.toString())), reject };
      }),
    pass: async () => {
      settle?.resolve();
      await new Promise(setImmediate);
    },
    fail: async (code) => {
      settle?.reject(Object.assign(new Error(code), { code }));
      await new Promise(setImmediate);
    },
  };
}

function rig() {
  const written: string[] = [];
  const lost: string[] = [];
  const stdout = gatedOutput(written);
  const stderr = gatedOutput(written);
  let look = (): void => undefined;
  const every = (_periodMs: number, callback: () => void): void => {
    look = callback;
  };
  const queue = consoleQueue({ stdout, stderr }, { every }, (stream, thrown) => void lost.push(`${stream} ${isGone(thrown)}`));
  const lookAgain = async (): Promise<void> => {
    look();
    await new Promise(setImmediate);
  };
  return { queue, stdout, stderr, written, lost, lookAgain };
}

test('what waits for the same stream is written at once, and streams keep their order', async () => {
  const { queue, stdout, stderr, written } = rig();
  for (const line of ['1\n', '2\n', '3\n']) queue.push('stdout', Buffer.from(line));
  queue.push('stderr', Buffer.from('4\n'));
  queue.push('stdout', Buffer.from('5\n'));
  for (const { pass } of [stdout, stdout, stderr, stdout]) await pass();
  expect(written).toEqual(['1\n', '2\n3\n', '4\n', '5\n']);
});

test('one write at a time: the other stream waits', async () => {
  const { queue, stdout, stderr, written } = rig();
  queue.push('stdout', Buffer.from('1\n'));
  queue.push('stderr', Buffer.from('2\n'));
  await stderr.pass();
  expect(written).toEqual([]);
  await stdout.pass();
  await stderr.pass();
  expect(written).toEqual(['1\n', '2\n']);
});

test('it is full until enough is written, and says so once', async () => {
  const { queue, stdout } = rig();
  const calls: string[] = [];
  queue.push('stdout', Buffer.alloc(MEBIBYTE - 1));
  expect(queue.isFull()).toBe(false);
  queue.push('stdout', Buffer.alloc(1));
  expect(queue.isFull()).toBe(true);
  queue.whenRoom(() => void calls.push('room'));
  await stdout.pass();
  expect([queue.isFull(), calls]).toEqual([false, ['room']]);
  await stdout.pass();
  expect(calls).toEqual(['room']);
});

test('all is flushed when what was pushed before is written, whatever comes after', async () => {
  const { queue, stdout, written } = rig();
  queue.push('stdout', Buffer.from('before\n'));
  const flushed = queue.flushed().then(() => [...written]);
  await stdout.pass();
  queue.push('stdout', Buffer.from('after\n'));
  expect(await flushed).toEqual(['before\n']);
});

test('a stream that fails is lost once, what follows on it is dropped, and the other goes on', async () => {
  const { queue, stdout, stderr, written, lost } = rig();
  queue.push('stdout', Buffer.from('1\n'));
  await stdout.fail('EPIPE');
  queue.push('stdout', Buffer.alloc(2 * MEBIBYTE));
  queue.push('stderr', Buffer.from('2\n'));
  await new Promise(setImmediate);
  await stderr.pass();
  await queue.flushed();
  expect([written, lost, queue.isFull()]).toEqual([['2\n'], ['stdout true'], false]);
});

test('a full disk is no reader who has gone', async () => {
  const { queue, stderr, lost } = rig();
  queue.push('stderr', Buffer.from('1\n'));
  await stderr.fail('ENOSPC');
  expect(lost).toEqual(['stderr false']);
});

test('in a hurry, a stream that nobody reads is lost, and the other one is written', async () => {
  const { queue, stdout, stderr, written, lost, lookAgain } = rig();
  queue.push('stdout', Buffer.from('1\n'));
  await lookAgain();
  expect(lost).toEqual([]);
  queue.hurry();
  await lookAgain();
  await stdout.pass();
  queue.push('stdout', Buffer.from('2\n'));
  queue.push('stderr', Buffer.from('3\n'));
  const flushed = queue.flushed();
  await lookAgain();
  expect(lost).toEqual([]);
  await lookAgain();
  expect(lost).toEqual(['stdout false']);
  await stderr.pass();
  await flushed;
  expect(written).toEqual(['1\n', '3\n']);
});
