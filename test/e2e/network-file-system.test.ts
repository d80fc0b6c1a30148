import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import { type CommandResult, temporaryDirectory } from './run-command.ts';
import { sandbox } from './sandbox.ts';
import { ckptRunThere, type Export, exportOverSsh, noSshfs, noTwoHosts } from './two-hosts.ts';

const why = noTwoHosts() ?? noSshfs();
if (why !== undefined) console.log(`skipped: ${why}`);

const TIMEOUT_MS = 120_000;

/** What sshfs is told, and for how long a host may then believe what it has seen. */
const VIEWS = [
  ['its cache on, as it comes: 20 s', 'dir_cache=yes'],
  [
    'all caches on: 60 s for listings, names, missing names and lengths',
    'dir_cache=yes,dcache_timeout=60,entry_timeout=60,attr_timeout=60,negative_timeout=60',
  ],
] as const;

const worker = (shared: Export, view: string, rank: number, args: readonly string[]): Promise<CommandResult> => {
  const output = `--output-dir=${join(shared.mountPoint, 'out')}`;
  const who = [`--rank=${rank}`, '--world-size=2', '--run-id=mine', output];
  return shared.run(`host-${rank}`, view, ckptRunThere([...who, '--quiet', ...args]));
};

const waitsIn = (shared: Export, rank: number): readonly number[] => {
  const journal = join(shared.directory, 'out/.ckpt-run/mine/attempt_0/journal', `rank-${rank}.jsonl`);
  const events = readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): JournalEvent => JSON.parse(line));
  return events.flatMap((event) => (event.type === 'barrier:passed' ? [event.waitedMs] : []));
};

test.skipIf(why !== undefined).for(VIEWS)(
  'two hosts that mount one directory meet, train and agree, with %s',
  { timeout: TIMEOUT_MS },
  async ([name, view]) => {
    const shared = await exportOverSsh(temporaryDirectory());
    const args = ['--scenario=basic', '--keep-outputs', '--report=report.json'];
    const [first, second] = await Promise.all([worker(shared, view, 0, args), worker(shared, view, 1, args)]);
    expect({ first, second }).toMatchObject({
      first: { code: 0, stdout: expect.stringMatching(/^✓ ALL ASSERTIONS PASSED$/m) },
      second: { code: 0, stdout: '', stderr: '' },
    });
    const waits = [0, 1].flatMap((rank) => waitsIn(shared, rank)).sort((a, b) => a - b);
    console.log(
      `sshfs, ${name}: ${waits.length} waits, median ${waits[Math.floor(waits.length / 2)]} ms, longest ${waits.at(-1)} ms`,
    );
    // Whoever waits for a cache to forget waits for a second at least.
    expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(1000);
  },
);

test.skipIf(why !== undefined)(
  'what ran leaves nothing in the directory, and a hang on the other host is named',
  { timeout: TIMEOUT_MS },
  async () => {
    const shared = await exportOverSsh(temporaryDirectory());
    const [, view] = VIEWS[0];
    const good = await Promise.all([0, 1].map((rank) => worker(shared, view, rank, ['--scenario=basic'])));
    expect({ good, left: readdirSync(shared.directory, { recursive: true }) }).toMatchObject({
      good: [
        { code: 0, stderr: '' },
        { code: 0, stderr: '' },
      ],
      left: [],
    });
    const args = ['--scenario=hang-skipped-barrier', '--barrier-timeout=3'];
    const hung = await Promise.all([0, 1].map((rank) => worker(shared, view, rank, args)));
    expect(hung.map(({ code }) => code)).toEqual([124, 124]);
    expect(hung.flatMap(({ stderr }) => stderr.match(/^ckpt-run: HANG:.*/gm) ?? [])).toEqual([
      expect.stringContaining('missing rank 1 (arrived: rank 0)'),
    ]);
  },
);

/** A rank that is a shell script: each barrier has a process of its own. */
const SCRIPT = `
set -e
for name in one two three; do "$@" barrier $name --timeout 30 --payload "$RANK" --gather; done`;

/** The same from Node.js. */
const PROGRAM = `
const group = init({ callSites: false, timeoutMs: 30_000 });
for (const name of ['one', 'two', 'three']) console.log(JSON.stringify(await group.allGather(name, group.rank)));
group.close();`;

test.skipIf(why !== undefined)('ckpt-run barrier and init() meet across hosts', { timeout: TIMEOUT_MS }, async () => {
  const shared = await exportOverSsh(temporaryDirectory());
  const box = sandbox();
  const program = box.write('rank.mjs', `import { init } from ${JSON.stringify(join(ROOT, 'dist', 'public.js'))};${PROGRAM}`);
  const run = join(shared.mountPoint, 'run');
  const [, [, view]] = VIEWS;
  await shared.run('host-0', view, ['mkdir', '-p', join(run, 'barriers'), join(run, 'journal')]);
  const place = { WORLD_SIZE: '2', LOCAL_RANK: '0', LOCAL_WORLD_SIZE: '1', CKPT_RANK_RUN_DIRECTORY: run, TMPDIR: box.temporary };
  const attempt = { TORCHELASTIC_RESTART_COUNT: '0', TORCHELASTIC_RUN_ID: 'run' };
  const commands = [
    ['sh', '-c', SCRIPT, 'sh', ...ckptRunThere([])],
    [process.execPath, program],
  ];
  const results = await Promise.all(
    commands.map((command, rank) =>
      shared.run(`host-${rank}`, view, command, { env: { ...place, ...attempt, RANK: String(rank), GROUP_RANK: String(rank) } }),
    ),
  );
  for (const result of results) expect(result).toMatchObject({ code: 0, stdout: '[0,1]\n[0,1]\n[0,1]\n', stderr: '' });
});
