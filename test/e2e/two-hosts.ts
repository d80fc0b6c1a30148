import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

/** Why this machine cannot be two; undefined where it can. */
export function noTwoHosts(): string | undefined {
  const tried = spawnSync('unshare', ['-m', '-n', '-u', 'sh', '-c', 'hostname other && ip link set lo up'], { encoding: 'utf8' });
  return tried.status === 0
    ? undefined
    : `no host of its own can be made with unshare(1): ${tried.stderr ?? tried.error?.message}`;
}

/** Why nothing can be exported to itself; undefined where it can. */
export function noSshfs(): string | undefined {
  const tools = [
    ['sshfs', '--version'],
    ['ssh-keygen', '-?'],
    ['/usr/sbin/sshd', '-?'],
    ['mountpoint', '-q', '/'],
  ] as const;
  const missing = tools.flatMap(([tool, ...args]) => (spawnSync(tool, args).error === undefined ? [] : [tool]));
  if (missing.length > 0) return `${missing.join(', ')} not found; install them (Debian: sshfs, openssh-server)`;
  return spawnSync('sh', ['-c', ': <>/dev/fuse']).status === 0 ? undefined : '/dev/fuse cannot be opened';
}

const COMMAND = [process.execPath, join(ROOT, 'dist', 'ckpt-run.cjs')];

/** Runs ckpt-run on a host of its own, which shares all directories with the others. */
export const onHost = (host: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> =>
  runCommand('unshare', ['-n', '-u', 'sh', '-c', 'hostname "$0"; ip link set lo up; exec "$@"', host, ...COMMAND, ...args], {
    ...options,
    env: { NODE_EXTRA_CA_CERTS: undefined, ...options.env },
  });

/** A directory that hosts mount over the network, all at the same path. */
export interface Export {
  /** The directory itself. */
  readonly directory: string;
  /** Where hosts see it. */
  readonly mountPoint: string;
  /** Runs a command on a host that mounts it anew, with options of sshfs. */
  run(host: string, mountOptions: string, command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

/** $0 is the host's name, $1 what sshfs is told, $2 where it mounts, the rest the command. */
const MOUNTED = `
hostname "$0"; mounting=$1; point=$2; shift 2
sshfs -f $mounting "$point" >"$point.log" 2>&1 & fs=$!
until mountpoint -q "$point"; do kill -0 $fs || { cat "$point.log" >&2; exit 99; }; sleep 0.02; done
status=0; "$@" || status=$?
umount "$point"; wait $fs; exit $status`;

/** Exports a directory of the test by an sshd of its own. */
export async function exportOverSsh(directory: string): Promise<Export> {
  const file = (name: string): string => join(directory, name);
  for (const each of ['export', 'mount']) mkdirSync(file(each));
  for (const each of ['host', 'user']) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(each)]);
  // It refuses to start without.
  mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const [key, listen] = [`HostKey ${file('host')}`, `ListenAddress 127.0.0.1\nPort ${port}`];
  const access = `AuthorizedKeysFile ${file('user.pub')}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none`;
  writeFileSync(file('sshd.conf'), `${listen}\n${key}\n${access}\nMaxStartups 100\nSubsystem sftp internal-sftp\n`);
  await startServer(file('sshd.conf'));
  const login = `port=${port},IdentityFile=${file('user')},UserKnownHostsFile=/dev/null,StrictHostKeyChecking=no`;
  return {
    directory: file('export'),
    mountPoint: file('mount'),
    run: (host, mountOptions, command, options) =>
      runCommand(
        'unshare',
        [
          ...['-m', '-u', 'sh', '-c', MOUNTED, host],
          ...[`-o ${login},${mountOptions} root@127.0.0.1:${file('export')}`, file('mount'), ...command],
        ],
        { cwd: directory, timeoutMs: 60_000, ...options, env: { NODE_EXTRA_CA_CERTS: undefined, ...options?.env } },
      ),
  };
}

/** Runs ckpt-run there. */
export const ckptRunThere = (args: readonly string[]): readonly string[] => [...COMMAND, ...args];

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Until it listens; ends with the test. */
function startServer(configuration: string): Promise<void> {
  const log = `${configuration}.log`;
  const server = spawn('/usr/sbin/sshd', ['-D', '-E', log, '-f', configuration], { stdio: 'ignore' });
  onTestFinished(() => void server.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    const look = setInterval(() => {
      const isUp = readIfAny(log).includes('Server listening');
      if (!isUp && server.exitCode === null) return;
      clearInterval(look);
      if (isUp) resolve();
      else reject(new Error(`sshd ended with ${server.exitCode}\n${readIfAny(log)}`));
    }, 20);
    server.on('error', reject);
  });
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
