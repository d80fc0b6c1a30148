import { expect, test } from 'vitest';
import { NO_PYTHON, PYTHON } from '../python/find-python.ts';
import { runProgram } from './program-run.ts';
import { linesOf } from './sandbox.ts';
import { workplace } from './workplace.ts';

const NODE_RANK = `
import { init } from 'ckpt-run';
const group = init({ timeoutMs: 20_000, callSites: false });
await group.barrier('start');
for (let step = 0; step < 3; step += 1) console.log(await group.allReduce('sum', group.rank + step + 0.5, 'sum'));
console.log(await group.allReduce('any', group.rank === 2, 'or'));
console.log(JSON.stringify(await group.broadcast('who', undefined, { src: 3 })));
await group.barrier('größer 🚂');
group.close();
`;

const PYTHON_RANK = `
import json
from ckpt_run import init
with init(timeout=20) as group:
    group.barrier("start")
    for step in range(3):
        print(group.all_reduce("sum", group.rank + step + 0.5, "sum"))
    print(str(group.all_reduce("any", group.rank == 2, "or")).lower())
    who = {"name": "pythón", "none": None}
    print(json.dumps(group.broadcast("who", who if group.rank == 3 else None, src=3), separators=(",", ":"), ensure_ascii=False))
    group.barrier("größer 🚂")
`;

const SHELL_RANK = `
ckpt-run barrier start --timeout 20 &&
for step in 0 1 2; do ckpt-run barrier sum --timeout 20 --payload $((RANK + step)).5 || exit; done &&
ckpt-run barrier any --timeout 20 --payload false && ckpt-run barrier who --timeout 20 &&
exec ckpt-run barrier 'größer 🚂' --timeout 20
`;

test('ranks in Node.js, Python and the shell meet at the same barriers', async ({ skip }) => {
  skip(NO_PYTHON !== undefined, NO_PYTHON);
  const { box, env } = workplace();
  box.write('rank.mjs', NODE_RANK);
  box.write('rank.py', PYTHON_RANK);
  const script = `case $RANK in 0) exec node rank.mjs;; 2|3) exec ${PYTHON} rank.py;; esac\n${SHELL_RANK}`;
  const options = ['--nproc-per-node=4', '--output-dir=out', '--keep-outputs'];
  const { code, stdout, stderr } = await runProgram(box, options, script, { env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const gathered = ['true', '{"name":"pythón","none":null}'];
  for (const [rank, sums] of [[0, ['8', '12', '16']], [2, ['8.0', '12.0', '16.0']], [3, ['8.0', '12.0', '16.0']]] as const) // biome-ignore format: pairs
    expect(linesOf(stdout).filter((line) => line.startsWith(`[rank ${rank}]`))).toEqual(
      [...sums, ...gathered].map((line) => `[rank ${rank}] ${line}`),
    );
  const [runId = ''] = box.list('out/.ckpt-run').filter((name) => !name.startsWith('lease'));
  const types = [2, 3].map(
    (rank) =>
    box.read(`out/.ckpt-run/${runId}/attempt_0/journal/rank-${rank}.jsonl`).trimEnd().split('\n').map((line) => JSON.parse(line).type), // biome-ignore format: short
  );
  const met = Array(7).fill(['barrier:arrived', 'barrier:passed']).flat();
  expect(types).toEqual([2, 3].map(() => ['rank:started', ...met, 'rank:finished']));
});
