import { describe, expect, test } from 'vitest';
import { NO_PYTHON, PYTHON } from '../python/find-python.ts';
import { launchCommand, runProgram } from './program-run.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { linesOf } from './sandbox.ts';
import { workplace } from './workplace.ts';

/** Runs a Python program as the ranks; `group` is there. */
async function runPython(ranks: number, program: string, init = 'timeout=20'): Promise<CommandResult> {
  const { box, env } = workplace();
  box.write('rank.py', `import math, os, sys\nfrom ckpt_run import CkptError, init\ngroup = init(${init})\n${program}`);
  return launchCommand(box, [`--nproc-per-node=${ranks}`], ['rank.py'], { env: { ...env, PYTHON_EXEC: PYTHON } });
}

/** What rank 0 printed. */
const printed = ({ stdout }: CommandResult): readonly string[] =>
  linesOf(stdout).flatMap((line) => (line.startsWith('[rank 0] ') ? [line.slice(9)] : []));

/** Runs on two ranks, and gives what rank 0 printed. */
async function printedBy(program: string, init?: string): Promise<readonly string[]> {
  const result = await runPython(2, program, init);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return printed(result);
}

describe.skipIf(NO_PYTHON !== undefined)('ranks in Python', () => {
  test('are told who is missing, now and at the next barrier', async () => {
    const { box, env } = workplace();
    box.write(
      'rank.py',
      `from ckpt_run import CkptError, init
group = init(timeout=0.3)
for name in ("save", "next"):
    try:
        group.barrier(name)
    except CkptError as error:
        print(error.code, error.missing, error)
`,
    );
    const script = `[ $RANK = 0 ] || { until [ -e told/rank-0 ]; do sleep 0.02; done; exit 0; }\n${PYTHON} rank.py; tell rank-0`;
    const run = await runProgram(box, ['--nproc-per-node=3'], script, { env });
    const told = '#0 "save" timed out after 0.3 s: missing ranks 1,2 (arrived: rank 0). All ranks must hit barriers: check';
    expect(printed(run)).toEqual(Array(2).fill(expect.stringContaining(`CKPT_BARRIER_TIMEOUT [1, 2] barrier ${told}`)));
  });

  test('reduce numbers and booleans as Node.js does', async () => {
    const program = `
def reduced(mine, theirs, reduction):
    return group.all_reduce("value", mine if group.rank == 0 else theirs, reduction)
print(*(reduced(0.1, 0.2, each) for each in ("sum", "min", "max")), reduced(1, 2, "sum"))
print(reduced(math.nan, 1, "min"), reduced(math.inf, -math.inf, "max"), reduced(0.0, -0.0, "min"), reduced(1e300, 1e300, "max"))
print(*(reduced(True, False, each) for each in ("and", "or")))
try:
    reduced(True, 1, "and" if group.rank == 0 else "sum")
except CkptError as error:
    print(error)
group.barrier("end")
`;
    expect(await printedBy(program)).toEqual([
      '0.30000000000000004 0.1 0.2 3',
      'nan inf -0.0 1e+300',
      'False True',
      'ranks disagree about "value": rank 1 brought no boolean. Have every rank call all_reduce here, with a boolean.',
    ]);
  });

  test('refuse what cannot be meant, in one line and before they arrive', async () => {
    const program = `
for call in (
    lambda: group.barrier(" "),
    lambda: group.barrier("a", timeout=0),
    lambda: group.broadcast("a", (1, 2), src=group.rank),
    lambda: group.all_gather("a", {1: 2}),
    lambda: group.all_gather("a", 2**53),
    lambda: group.all_gather("a", math.nan),
    lambda: group.broadcast("a", 1, src=2),
    lambda: group.all_reduce("a", True, "sum"),
    lambda: group.all_reduce("a", 1, "mean"),
):
    try:
        call()
        print("was taken")
    except CkptError as error:
        print(error.code, str(error).split(", expected")[0])
group.barrier("all together", timeout=math.inf)
`;
    expect(await printedBy(program)).toEqual(
      [
        `the name of a barrier: got ' '`,
        'a: timeout: got 0',
        'a: value: got (1, 2)',
        'a: value: got {1: 2}',
        'a: value: got 9007199254740992',
        'a: value: got nan',
        'a: src: got 2',
        'a: value: got True',
        `a: reduction: got 'mean'`,
      ].map((line) => `CKPT_USAGE ${line}`),
    );
  });

  test('that come from other lines are at other barriers, unless they leave lines out', async () => {
    const program = `
try:
    if group.rank == 0:
        group.barrier("save")
    else:
        group.barrier("save")
    print("met")
except CkptError as error:
    print(error)
`;
    expect(await printedBy(program, 'timeout=20, call_sites=False')).toEqual(['met']);
    expect(await printedBy(program)).toEqual([
      expect.stringMatching(
        /^ranks disagree about barrier #0: rank 0 at "save" \(\/.*\/rank\.py:7\), rank 1 at "save" \(\/.*\/rank\.py:9\)\. .*call_sites=False\)\.$/,
      ),
    ]);
  });

  test('may have threads that take turns, and children that do not meet', async () => {
    const program = `
import threading
threads = [threading.Thread(target=lambda: group.barrier("thread")) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
child = os.fork()
if child == 0:
    try:
        group.barrier("child")
    except CkptError as error:
        os._exit(7 if error.code == "CKPT_RANK_DUPLICATED" else 1)
print(os.waitpid(child, 0)[1] >> 8, group.all_gather("end", group.rank))
group.close()
`;
    expect(await printedBy(program)).toEqual(['7 [0, 1]']);
  });

  test('that leave a barrier by an exception come to no other', async () => {
    const program = `
import signal
def wake(*_): raise TimeoutError("enough")
if group.rank == 0:
    with open("rank-0.new", "w") as file: file.write(str(os.getpid()))
    os.rename("rank-0.new", "rank-0")
signal.signal(signal.SIGALRM, wake)
if group.rank == 0:
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    for name in ("here", "there"):
        try:
            group.barrier(name)
        except (TimeoutError, CkptError) as error:
            print(error)
else:
    # Until rank 0 has ended: it would wait here.
    import time
    while not os.path.exists("rank-0"): time.sleep(0.02)
    with open("rank-0") as file: pid = file.read()
    while os.path.exists("/proc/" + pid): time.sleep(0.02)
`;
    const [first, second] = await printedBy(program);
    expect(first).toBe('enough');
    expect(second).toContain('rank 0 has left barrier #0 "here" before it opened. Let the exception end');
  });

  test('may be several processes, one after the other, and never two at once', async () => {
    const { box, env } = workplace();
    const meets = (name: string): string =>
      `${PYTHON} -c 'from ckpt_run import init; print(init(timeout=20, call_sites=False).all_gather("${name}", 1))'`;
    const twice = `${PYTHON} -c 'from ckpt_run import init; init(timeout=20).barrier("c")' 2>&1 | tail -n 1`;
    const script = `set -e
${meets('a')}
ckpt-run barrier b --gather --timeout 20
[ $RANK = 1 ] || { ckpt-run barrier c --timeout 20 & until ls "$CKPT_RANK_RUN_DIRECTORY"/barriers/arrivals-2 | grep -q 000002-rank-0; do sleep 0.02; done; ${twice}; tell seen; wait $!; }
[ $RANK = 0 ] || { until [ -e told/seen ]; do sleep 0.02; done; ${meets('c')}; }
${meets('d')}`;
    const run = await runProgram(box, ['--nproc-per-node=2'], script, { env });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(printed(run)).toEqual([
      '[1, 1]',
      '[null,null]',
      expect.stringMatching(
        /^ckpt_run\.CkptError: rank 0 is already at barrier #2 "c" as pid \d+ on .*; this is pid \d+ on .*\. Start each/,
      ),
      '[1, 1]',
    ]);
  });

  test('may be alone', async () => {
    const program = `print(group.rank, group.world_size, group.all_gather("alone", {"a": [1]}), group.all_reduce("sum", 2, "sum"))\ngroup.close(); group.close()`;
    const run = await runPython(1, program);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stdout).toBe(`[rank 0] 0 1 [{'a': [1]}] 2\n`);
  });

  test('are launched', async () => {
    const { env } = workplace();
    const run = await runCommand(PYTHON, ['-c', 'from ckpt_run import init; init()'], {
      env: { ...env, CKPT_RANK_RUN_DIRECTORY: undefined },
    });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      'ckpt_run.CkptError: this process is no rank: CKPT_RANK_RUN_DIRECTORY is not set. Launch its program as the ranks: ckpt-run',
    );
  });
});
