import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { byteOutput } from '../../../shared/platform/byte-output.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { closeDescriptor, makePipes, type Pipe } from '../../../shared/platform/real-pipes.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { buildFixture } from '../../fixtures/build-fixture.ts';

const LONG = Buffer.from('✓ line\n'.repeat(200_000));

function onePipe(): Pipe {
  const [pipe] = makePipes(join(temporaryDirectory(), 'pipes'), 1);
  if (pipe === undefined) throw new Error('no pipe');
  onTestFinished(() => void pipe.reader.destroy());
  return pipe;
}

test('a file gets all of it, in order', async () => {
  const path = join(temporaryDirectory(), 'out');
  const descriptor = openSync(path, 'w');
  const output = byteOutput(descriptor, nodeClock);
  await output.write(LONG);
  await output.write(Buffer.from('end'));
  closeSync(descriptor);
  expect(readFileSync(path).equals(Buffer.concat([LONG, Buffer.from('end')]))).toBe(true);
});

test('a pipe gets all of it while this process goes on, and is not made non-blocking for others', async () => {
  const { reader, writeDescriptor } = onePipe();
  const written = byteOutput(writeDescriptor, nodeClock).write(LONG);
  const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${writeDescriptor}`, 'utf8'))?.[1];
  expect(Number.parseInt(flags ?? '', 8) & 0o4000).toBe(0);
  const chunks: Buffer[] = [];
  reader.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await written;
  while (Buffer.concat(chunks).length < LONG.length) await once(reader, 'data');
  expect(Buffer.concat(chunks).equals(LONG)).toBe(true);
  closeDescriptor(writeDescriptor);
});

test('a pipe without a reader says so, every time', async () => {
  const { reader, writeDescriptor } = onePipe();
  const output = byteOutput(writeDescriptor, nodeClock);
  reader.destroy();
  await once(reader, 'close');
  await expect(output.write(LONG)).rejects.toMatchObject({ code: 'EPIPE' });
  await expect(output.write(LONG)).rejects.toThrow();
});

test('what cannot be written is an error', async () => {
  await expect(byteOutput(999_999, nodeClock).write(LONG)).rejects.toMatchObject({ code: 'EBADF' });
});

test.each(['pipe', 'socket that somebody made non-blocking'])('a child writes all of it to a %s', async (kind) => {
  const program = buildFixture('byte-writer', temporaryDirectory());
  const pipe = kind === 'pipe' ? onePipe() : undefined;
  const child = spawn(process.execPath, [program, kind], { stdio: ['ignore', pipe?.writeDescriptor ?? 'pipe', 'inherit'] });
  if (pipe !== undefined) closeDescriptor(pipe.writeDescriptor);
  const reader = pipe?.reader ?? child.stdout;
  if (reader === null) throw new Error('no reader');
  expect(await text(reader)).toBe(LONG.toString());
});

test('a process whose output nobody reads can still exit', async () => {
  const program = buildFixture('byte-writer', temporaryDirectory());
  const pipe = onePipe();
  const child = spawn(process.execPath, [program, 'exit'], { stdio: ['ignore', pipe.writeDescriptor, 'inherit'] });
  closeDescriptor(pipe.writeDescriptor);
  expect((await once(child, 'exit'))[0]).toBe(3);
});
