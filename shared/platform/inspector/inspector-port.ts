import type { Disk } from '../disk.ts';
import { aboutProcess, linkOfProcess } from '../process-facts.ts';

const LISTENING = '0A';

/** The TCP ports on which a process listens on IPv4, as Node's inspector does; undefined where it is not permitted to see. */
export function listeningPorts(disk: Disk, pid: number): readonly number[] | undefined {
  const sockets = socketsOf(disk, pid);
  const connections = aboutProcess(disk, pid, 'net/tcp');
  if (sockets === undefined || connections === undefined) return undefined;
  return connections
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && sockets.has(`socket:[${fields[9]}]`))
    .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16));
}

function socketsOf(disk: Disk, pid: number): ReadonlySet<string | undefined> | undefined {
  try {
    const links = disk.list(`/proc/${pid}/fd`).map((name) => linkOfProcess(disk, pid, `fd/${name}`));
    return new Set(links.filter((link) => link?.startsWith('socket:') === true));
  } catch {
    return undefined;
  }
}

/** What an inspector says under a path of its own; rejects when nobody answers. */
export async function askInspector(port: number, path: string): Promise<string> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text)).on('error', reject);
    });
    request.on('error', reject);
  });
}
