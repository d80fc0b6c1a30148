type Environment = Readonly<Record<string, string | undefined>>;

/** Which of the launchers that srun has started, one on each node, this one is. */
export interface SlurmNode {
  readonly nodeCount: number;
  readonly nodeRank: number;
  /** Where the rank 0 of all runs. */
  readonly firstHost: string | undefined;
  /** What all of them have in common, and no other run has. */
  readonly runId: string;
}

/** Undefined unless srun has started one task on each of several nodes. Pure. */
export function slurmNode(environment: Environment): SlurmNode | undefined {
  const { SLURM_JOB_ID: job, SLURM_STEP_ID: step, SLURM_RESTART_COUNT: restarts = '0' } = environment;
  const [nodes, tasks, node] = ['SLURM_STEP_NUM_NODES', 'SLURM_STEP_NUM_TASKS', 'SLURM_NODEID'].map((name) =>
    wholeNumber(environment[name]),
  );
  if (job === undefined || wholeNumber(step) === undefined || nodes === undefined || node === undefined) return undefined;
  if (nodes < 2 || tasks !== nodes || node >= nodes) return undefined;
  const firstHost = firstOf(environment['SLURM_STEP_NODELIST']);
  return { nodeCount: nodes, nodeRank: node, firstHost, runId: `slurm-${job}-${step}-${restarts}` };
}

const wholeNumber = (text = ''): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** Of `n[07-10,12],m1` it is `n07`; undefined where it is said in another way. */
function firstOf(list = ''): string | undefined {
  const [, prefix, number = ''] = /^([\w.-]+)(?:\[(\d+)[^[\]]*\](?:,|$)|,|$)/.exec(list) ?? [];
  return prefix === undefined ? undefined : `${prefix}${number}`;
}
