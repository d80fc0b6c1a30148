import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { codeOf, nodeDisk } from './disk.ts';

/** A pipe to be handed to a child. */
export interface Pipe {
  /** The end for the child; whoever made the pipe closes it once the child has it. */
  readonly writeDescriptor: number;
  readonly reader: Readable;
}

/** What no other directory helps against. */
const NO_DESCRIPTORS = ['EMFILE', 'ENFILE'];

/**
 * Makes pipes. What Node calls a pipe to a child is a socket, and no program can open that as /dev/stdout or /dev/stderr, which
 * shell scripts do. They have names for a moment, in a directory that nobody else uses: a process that is killed in this moment
 * leaves it. Where the file system cannot hold pipes, they are made among the system's temporary files.
 */
export function makePipes(directory: string, count: number): readonly Pipe[] {
  if (count === 0) return [];
  try {
    return pipesIn(directory, count);
  } catch (thrown) {
    if (NO_DESCRIPTORS.includes(codeOf(thrown) ?? '')) throw thrown;
    return pipesIn(nodeDisk.makeTemporaryDirectory(join(tmpdir(), 'ckpt-run-pipes-')), count);
  }
}

function pipesIn(directory: string, count: number): readonly Pipe[] {
  const pipes: Pipe[] = [];
  const paths = Array.from({ length: count }, (_, index) => join(directory, String(index)));
  try {
    nodeDisk.makeDirectory(directory);
    makeNamed(paths);
    for (const path of paths) pipes.push(openBothEnds(path));
    return pipes;
  } catch (thrown) {
    dropPipes(pipes);
    throw thrown;
  } finally {
    // By name: to list the directory would take a descriptor, and there may be none left.
    for (const path of paths) nodeDisk.removeFile(path);
    nodeDisk.removeEmptyDirectory(directory);
  }
}

function makeNamed(paths: readonly string[]): void {
  // Other locales than C are twelve files to load.
  const env = { ...process.env, LC_ALL: 'C' };
  const { status, error, stderr } = spawnSync('mkfifo', ['-m', '600', ...paths], { encoding: 'utf8', env });
  if (status !== 0) throw error ?? new Error(`mkfifo: ${stderr.trim()}`);
}

/** Opening the reading end first: without a reader, opening the other would wait for one. */
function openBothEnds(path: string): Pipe {
  const readDescriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const reader = new Socket({ fd: readDescriptor, readable: true, writable: false });
  try {
    return { writeDescriptor: openSync(path, constants.O_WRONLY), reader };
  } catch (thrown) {
    reader.destroy();
    throw thrown;
  }
}

/** Closes both ends of pipes that no child will have. */
export function dropPipes(pipes: readonly Pipe[]): void {
  for (const { reader, writeDescriptor } of pipes) {
    closeSync(writeDescriptor);
    reader.destroy();
  }
}

/** Gives our copy of an end back. */
export const closeDescriptor = (descriptor: number): void => closeSync(descriptor);
