import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInstalled } from './measure.ts';

/** Where ranks meet. */
export interface Place {
  readonly name: string;
  readonly directory: string;
  end(): void;
}

/** A disk, memory, and a file system of the network (sshfs over loopback); a line says what is skipped. */
export async function places(): Promise<readonly Place[]> {
  const fuse = await overSsh();
  return [
    here('disk', tmpdir()),
    ...(existsSync('/dev/shm') ? [here('tmpfs', '/dev/shm')] : []),
    ...(fuse === undefined ? [] : [fuse]),
  ];
}

function here(name: string, above: string): Place {
  const directory = mkdtempSync(join(above, 'ckpt-run-bench-'));
  return { name, directory, end: () => rmSync(directory, { recursive: true }) };
}

async function overSsh(): Promise<Place | undefined> {
  const missing = noSshfs();
  if (missing !== undefined) {
    console.log(`\nskipped: FUSE: ${missing}`);
    return undefined;
  }
  const { directory, end } = here('sshfs', tmpdir());
  const file = (name: string): string => join(directory, name);
  const children: ChildProcess[] = [];
  const unmount = (): void => {
    spawnSync('fusermount3', ['-u', file('mount')], { stdio: 'ignore' });
    for (const child of children) child.kill();
    end();
  };
  for (const each of ['export', 'mount']) mkdirSync(file(each));
  for (const each of ['host', 'user']) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(each)]);
  const port = await freePort();
  const access = `AuthorizedKeysFile ${file('user.pub')}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none`;
  writeFileSync(
    file('sshd.conf'),
    `ListenAddress 127.0.0.1\nPort ${port}\nHostKey ${file('host')}\n${access}\nSubsystem sftp internal-sftp\n`,
  );
  children.push(spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file('sshd.conf')], { stdio: 'ignore' }));
  const login = `port=${port},IdentityFile=${file('user')},UserKnownHostsFile=/dev/null,StrictHostKeyChecking=no,reconnect`;
  const source = `${userInfo().username}@127.0.0.1:${file('export')}`;
  for (let tries = 0; tries < 50; tries += 1) {
    if (isInstalled('mountpoint', '-q', file('mount'))) return { name: 'sshfs', directory: file('mount'), end: unmount };
    await sleep(100);
    if (children.every((child) => child.exitCode !== null || child.spawnargs[0] !== 'sshfs'))
      children.push(spawn('sshfs', ['-f', '-o', login, source, file('mount')], { stdio: 'ignore' }));
  }
  unmount();
  console.log('\nskipped: FUSE: sshfs could not mount a directory over loopback');
  return undefined;
}

/** Why nothing can be mounted over loopback; undefined where it can be tried. */
function noSshfs(): string | undefined {
  const tools = [
    ['sshfs', '--version'],
    ['ssh-keygen', '-?'],
    ['/usr/sbin/sshd', '-?'],
    ['mountpoint', '-q', '/'],
  ] as const;
  const missing = tools.flatMap(([tool, ...args]) => (spawnSync(tool, args).error === undefined ? [] : [tool]));
  if (missing.length > 0) return `${missing.join(', ')} not found; install them (Debian: sshfs, openssh-server)`;
  // Where sshd separates privileges it refuses to start without.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  return spawnSync('sh', ['-c', ': <>/dev/fuse']).status === 0 ? undefined : '/dev/fuse cannot be opened';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
