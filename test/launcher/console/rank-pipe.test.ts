import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { consoleQueue } from '../../../launcher/console/console-queue.ts';
import { lineSplitter } from '../../../launcher/console/line-splitter.ts';
import { followPipe } from '../../../launcher/console/rank-pipe.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import type { AppendOnlyFile } from '../../../shared/platform/disk.ts';
import { memoryOutput } from './console-rig.ts';

function rig(
  append: (content: string | Uint8Array) => void,
  stdout = memoryOutput(),
  endless?: Readable,
  close = (): void => undefined,
) {
  const reader = new PassThrough();
  const queue = consoleQueue({ stdout, stderr: stdout }, nodeClock, () => undefined);
  const lost: unknown[] = [];
  const closings: string[] = [];
  const closing = (): void => {
    closings.push('closed');
    close();
  };
  const file: AppendOnlyFile = { descriptor: -1, append, size: () => 0, close: closing };
  const splitter = lineSplitter({ prefix: '> ', isTerminal: false });
  const pipe = followPipe(endless ?? reader, {
    stream: 'stdout',
    splitter,
    queue,
    file,
    onFileLost: (thrown) => void lost.push(thrown),
  });
  const drained = async (): Promise<string> => {
    await pipe.drained(nodeClock);
    await queue.flushed();
    return stdout.text();
  };
  return { reader, drained, lost, closed: () => closings.length };
}

test('a file has the bytes as they came, at once, and the console their lines', async () => {
  const saved: string[] = [];
  const { reader, drained, closed } = rig((content) => void saved.push(content.toString()));
  reader.write('10%\r20');
  await new Promise(setImmediate);
  expect(saved).toEqual(['10%\r20']);
  reader.end('%\nrest');
  expect(await drained()).toBe('> 20%\n> rest\n');
  expect([saved.join(''), closed()]).toEqual(['10%\r20%\nrest', 1]);
});

test('a file that cannot be written is given up once, and the console goes on', async () => {
  const { reader, drained, lost } = rig(() => {
    throw new Error('no space left on device');
  });
  reader.write('one\n');
  reader.end('two\n');
  expect(await drained()).toBe('> one\n> two\n');
  expect(lost).toEqual([new Error('no space left on device')]);
});

test('a file that cannot even be closed is said once, and the end is the end', async () => {
  const close = (): never => {
    throw new Error('EIO');
  };
  const { reader, drained, lost } = rig(() => undefined, memoryOutput(), undefined, close);
  reader.end('one\n');
  expect(await drained()).toBe('> one\n');
  expect(lost).toEqual([new Error('EIO')]);
});

test('a pipe that cannot be read has ended', async () => {
  const { reader, drained, closed } = rig(() => undefined);
  reader.write('one\ntw');
  await new Promise(setImmediate);
  reader.destroy(new Error('EIO'));
  expect(await drained()).toBe('> one\n> tw\n');
  expect(closed()).toBe(1);
});

test('a pipe that somebody else holds open, silent or not, is left in the end', async () => {
  const { reader, drained } = rig(() => undefined);
  const chatter = setInterval(() => reader.writable && reader.write('chatter\n'), 20);
  try {
    expect(await drained()).toContain('> chatter\n');
  } finally {
    clearInterval(chatter);
  }
});

test('what never ends is left in the end, although the console is what holds it up', async () => {
  const page = Buffer.from(`${'endless'.repeat(9_000)}\n`);
  const endless = new Readable({ read: () => void endless.push(page) });
  let written = 0;
  const slow = {
    write: async (bytes: Buffer) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      written += bytes.length;
    },
    text: () => '',
  };
  await rig(() => undefined, slow, endless).drained();
  expect(written).toBeGreaterThan(2 ** 20);
});
