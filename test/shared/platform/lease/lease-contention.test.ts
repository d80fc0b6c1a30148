import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../../../e2e/run-command.ts';
import { buildFixture } from '../../../fixtures/build-fixture.ts';
import type { ContenderReply, ContenderRequest } from '../../../fixtures/lease-contender.ts';
import { deadHolder } from './lease-directory.ts';

const CONTENDERS = 6;
const ROUNDS = 25;

let contenders: readonly ChildProcess[] = [];
let place = '';

/** Processes that wait for requests; they end when the test ends. */
function start(host: (index: number) => string): void {
  place = temporaryDirectory();
  const program = buildFixture('lease-contender', place);
  contenders = Array.from({ length: CONTENDERS }, (_, index) =>
    fork(program, { env: { ...process.env, NODE_EXTRA_CA_CERTS: '', CONTENDER_HOST: host(index) } }),
  );
  onTestFinished(() => {
    for (const contender of contenders) if (contender.connected) contender.disconnect();
  });
}

async function ask(contender: ChildProcess | undefined, request: ContenderRequest): Promise<ContenderReply> {
  if (contender === undefined) throw new RangeError('there is no such contender');
  const answered = once(contender, 'message');
  contender.send(request);
  const [reply] = (await answered) as [ContenderReply];
  return reply;
}

const LEFT = ['nobody', 'a holder that died', 'a holder that died, and a contender that died while it took over'] as const;

/** A new directory, with what the dead left in it. */
function newDirectory(round: number, left: (typeof LEFT)[number]): string {
  const directory = join(place, `round-${round}`, '.ckpt-run');
  mkdirSync(directory, { recursive: true });
  if (left === LEFT[0]) return directory;
  mkdirSync(join(directory, 'lease.lock'));
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify(deadHolder(`holder${round}`)));
  if (left === LEFT[1]) return directory;
  writeFileSync(join(directory, `lease.claim.holder${round}.json`), JSON.stringify(deadHolder(`contender${round}`)));
  return directory;
}

test.for(LEFT)('of many processes at once exactly one gets the lease after %s', async (left) => {
  start(hostname);
  for (let round = 0; round < ROUNDS; round += 1) {
    const directory = newDirectory(round, left);
    const replies = await Promise.all(contenders.map((contender) => ask(contender, { take: directory })));
    const winners = replies.flatMap(({ took }, index) => (took ? [index] : []));
    expect(winners, JSON.stringify(replies)).toHaveLength(1);

    const pids = contenders.map(({ pid }) => pid).join('|');
    const refused = new RegExp(
      `^--output-dir \\S+: another ckpt-run(?:, pid (?:${pids}) on host ${hostname()})?,? is using this directory$`,
    );
    for (const { error } of replies) expect(error ?? '--output-dir x: another ckpt-run is using this directory').toMatch(refused);
    expect(replies.flatMap(({ told }) => told)).toHaveLength(left === LEFT[0] ? 0 : 1);

    expect(await ask(contenders[winners[0] ?? 0], { release: true })).toMatchObject({ took: true });
    expect(readdirSync(directory)).toEqual([]);
  }
});

/** A new directory whose holder has not been heard of for long. */
function silentDirectory(round: number): string {
  const directory = newDirectory(round, LEFT[1]);
  const longAgo = new Date(Date.now() - 10 * 60_000);
  for (const name of ['lease.lock', 'lease.owner.json']) utimesSync(join(directory, name), longAgo, longAgo);
  return directory;
}

test.for([
  ['nobody', (round: number) => newDirectory(round, LEFT[0])],
  ['a holder that fell silent', silentDirectory],
] as const)('of processes that cannot see each other exactly one gets the lease after %s', async ([, make]) => {
  start((index) => `host-${index}`);
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    const directory = make(round);
    const replies = await Promise.all(contenders.map((contender) => ask(contender, { take: directory })));
    const winners = replies.flatMap(({ took }, index) => (took ? [index] : []));
    expect(winners, JSON.stringify(replies)).toHaveLength(1);
    await ask(contenders[winners[0] ?? 0], { release: true });
    expect(readdirSync(directory)).toEqual([]);
  }
});

test('a process that has lost its lease leaves the lock to the winner, even when it ends', async () => {
  start(hostname);
  const directory = newDirectory(0, LEFT[0]);
  const [loser] = contenders;
  expect(await ask(loser, { take: directory })).toMatchObject({ took: true });
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify(deadHolder('winner')));
  await ask(loser, { release: true });
  const ended = once(loser ?? process, 'exit');
  loser?.disconnect();
  await ended;
  expect(existsSync(join(directory, 'lease.lock'))).toBe(true);
});
