import type { ChildProcess } from 'node:child_process';
import { quantile } from './measure.ts';

/** What is measured of a round of barriers; milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The best round of each; of every rank's times together. */
export const bestOf = (rounds: readonly (readonly number[])[]): Latency => ({
  p50: Math.min(...rounds.map((times) => quantile(times, 0.5))),
  p99: Math.min(...rounds.map((times) => quantile(times, 0.99))),
});

/** Every rank's times together, ascending; each prints its own as JSON. */
export async function timesOfRanks(worldSize: number, start: (rank: number) => ChildProcess): Promise<readonly number[]> {
  return together(await Promise.all(Array.from({ length: worldSize }, (_, rank) => outputOf(start(rank)))));
}

/** What ranks printed, taken together. */
export const together = (outputs: readonly string[]): readonly number[] =>
  outputs.flatMap((output): number[] => JSON.parse(output)).sort((a, b) => a - b);

/** What a process printed, once it has ended with 0. */
export function outputOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child
      .on('error', reject)
      .on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`a rank ended with ${code}`))));
  });
}
