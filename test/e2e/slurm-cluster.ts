import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { processesWith } from '../../scripts/chaos/round-remains.ts';
import { until } from './live-run.ts';

/** A Slurm of its own: a controller and two nodes, all of them this machine. */
export interface SlurmCluster {
  /** Lets the commands of Slurm find it. */
  readonly env: NodeJS.ProcessEnv;
  /** Cancels what is left, and ends every process. */
  stop(): void;
}

/** Daemons may be where only an administrator looks. */
const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;
const NODES = ['n1', 'n2'];
/** A daemon ends with whoever has started it, however that ends. */
const UNTIL_END = '"$@" & read _; kill -9 $!';

/** Whether it can be had here. */
export const hasSlurm = ['munged', 'slurmctld', 'slurmd', 'srun', 'sbatch'].every(
  (tool) => spawnSync('which', [tool], { env: { PATH } }).status === 0,
);

/** Starts it, which takes half a second. */
export async function startSlurm(): Promise<SlurmCluster> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'ckpt-run-slurm-'));
  const inside = (name: string): string => join(directory, name);
  const env = { PATH, SLURM_CONF: inside('slurm.conf'), NODE_EXTRA_CA_CERTS: undefined };
  const daemons: ChildProcess[] = [];
  const start = (...command: readonly string[]): unknown =>
    daemons.push(
      spawn('sh', ['-c', UNTIL_END, 'sh', ...command], {
        cwd: directory,
        env: { ...process.env, ...env },
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      }),
    );
  const ask = (tool: string, ...args: readonly string[]): string =>
    spawnSync(tool, args, { env: { ...process.env, ...env }, encoding: 'utf8' }).stdout;
  const end = (): void => {
    // A step has a process of its own, in another group.
    for (const pid of [...daemons.flatMap(({ pid = 0 }) => (pid > 0 ? [-pid] : [])), ...processesWith(directory)]) kill(pid);
    rmSync(directory, { recursive: true, force: true });
  };
  const stop = (): void => {
    ask('scancel', '--signal=KILL', '--full', `--user=${userInfo().username}`);
    end();
  };

  for (const name of ['state', ...NODES]) mkdirSync(inside(name));
  writeFileSync(inside('munge.key'), randomBytes(1024), { mode: 0o600 });
  writeFileSync(inside('slurm.conf'), configuration(directory, await freePorts(1 + NODES.length)));
  const munge = ['key-file', 'socket', 'pid-file', 'log-file', 'seed-file'].map(
    (what) => `--${what}=${inside(`munge.${what.replace('-file', '')}`)}`,
  );
  start('munged', '--foreground', '--force', ...munge);
  try {
    await until('munged', () => existsSync(inside('munge.socket')) || undefined);
    start('slurmctld', '-D');
    for (const node of NODES) start('slurmd', '-D', '-N', node);
    await until('the nodes', () => ask('sinfo', '-h', '-t', 'idle', '-o', '%D').trim() === String(NODES.length) || undefined);
  } catch (thrown) {
    const logs = ['slurmctld.log', ...NODES.map((node) => `${node}.log`)].filter((name) => existsSync(inside(name)));
    const said = logs.map((name) => `--- ${name}\n${readFileSync(inside(name), 'utf8')}`);
    end();
    throw new Error(`Slurm did not start\n${said.join('\n')}`, { cause: thrown });
  }
  return { env, stop };
}

/** Nodes may be given more than the machine has, nobody collects jobs, and one that is queued again waits for seconds and not minutes. */
const configuration = (directory: string, [port = 0, ...nodePorts]: readonly number[]): string => `ClusterName=test
SlurmctldHost=${hostname().replace(/\..*/, '')}(127.0.0.1)
SlurmUser=${userInfo().username}
SlurmdUser=${userInfo().username}
AuthType=auth/munge
AuthInfo=socket=${directory}/munge.socket,cred_expire=5
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/%n
SlurmctldPidFile=${directory}/slurmctld.pid
SlurmdPidFile=${directory}/%n.pid
SlurmctldLogFile=${directory}/slurmctld.log
SlurmdLogFile=${directory}/%n.log
SlurmctldPort=${port}
SlurmdParameters=config_overrides
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
KillWait=2
${NODES.map((node, index) => `NodeName=${node} NodeHostname=${hostname().replace(/\..*/, '')} NodeAddr=127.0.0.1 Port=${nodePorts[index]} CPUs=8 State=UNKNOWN`).join('\n')}
PartitionName=all Nodes=ALL Default=YES OverSubscribe=FORCE:8 State=UP
`;

/** Ports that nobody listens at, all different. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<Server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
