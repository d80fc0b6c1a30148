import type { Disk } from '../disk.ts';
import { aboutProcess, linkOfProcess } from '../process-facts.ts';

const LISTENING = '0A';

/** The TCP ports on which a process listens on IPv4, as Node's inspector does; undefined where it is not permitted to see. */
export function listeningPorts(disk: Disk, pid: number): readonly number[] | undefined {
  const sockets = socketsOf(disk, pid);
  return sockets === undefined ? undefined : portsOf(disk, pid, sockets);
}

/** The ports of a process from some moment on. */
export interface PortWatch {
  /** On which it listened at that moment. */
  readonly before: readonly number[];
  /** One on which it has begun to listen since. */
  newPort(): number | undefined;
}

/** Begins at this moment; undefined where it is not permitted to see. */
export function watchPorts(disk: Disk, pid: number): PortWatch | undefined {
  const socketsBefore = socketsOf(disk, pid);
  if (socketsBefore === undefined) return undefined;
  return {
    before: portsOf(disk, pid, socketsBefore),
    newPort: () => {
      const fresh = new Set([...(socketsOf(disk, pid) ?? [])].filter((socket) => !socketsBefore.has(socket)));
      // The kernel goes through all connections of the machine to list them.
      return fresh.size === 0 ? undefined : portsOf(disk, pid, fresh)[0];
    },
  };
}

const portsOf = (disk: Disk, pid: number, sockets: Sockets): readonly number[] =>
  (aboutProcess(disk, pid, 'net/tcp') ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && sockets.has(`socket:[${fields[9]}]`))
    .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16));

type Sockets = ReadonlySet<string | undefined>;

function socketsOf(disk: Disk, pid: number): Sockets | undefined {
  try {
    const links = disk.list(`/proc/${pid}/fd`).map((name) => linkOfProcess(disk, pid, `fd/${name}`));
    return new Set(links.filter((link) => link?.startsWith('socket:') === true));
  } catch {
    return undefined;
  }
}

/** What an inspector says under a path of its own; rejects when nobody answers. */
export async function askInspector(port: number, path: string): Promise<string> {
  // Loaded only here; import() is no more where a program came out of V8's code cache.
  const { get } = process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text)).on('error', reject);
    });
    request.on('error', reject);
  });
}
