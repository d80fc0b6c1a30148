import { dirname } from 'node:path';
import type { NotSeen } from '../../contracts/diagnosis.ts';
import { isJsonObject, type Json, parseJson } from '../../contracts/json.ts';
import type { SeenStacks, StackFrame, ThreadStack } from '../../contracts/stacks.ts';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import type { TimeLimit } from '../inspector/time-limit.ts';
import { aboutProcess, linkOfProcess } from '../process-facts.ts';
import { findTool, runTool } from './run-tool.ts';

/** On the search path, or beside the interpreter; undefined where it is not installed. */
export function findPySpy(disk: Disk, pid: number, directories: readonly string[]): string | undefined {
  const interpreters = [aboutProcess(disk, pid, 'cmdline')?.split('\0', 1)[0], linkOfProcess(disk, pid, 'exe')];
  return findTool(disk, 'py-spy', [...directories, ...interpreters.flatMap((path) => (path === undefined ? [] : dirname(path)))]);
}

/** Has py-spy read the memory of a Python program, which it neither halts nor signals. */
export async function askPySpy(pySpy: string, pid: number, clock: Clock, limit: TimeLimit): Promise<SeenStacks> {
  const answer = await runTool(pySpy, ['dump', '--json', '--nonblocking', '--pid', String(pid)], limit);
  if (answer === undefined) return { notSeen: 'py-spy did not answer in time' };
  const threads = answer.code === 0 ? threadsInJson(answer.stdout) : undefined;
  return threads === undefined ? whyFailed(answer.stderr) : { source: 'py-spy', atMs: clock.monotonicMs(), threads };
}

/** The threads of what py-spy says in JSON, the main one first; undefined where it says none. */
export function threadsInJson(text: string): readonly ThreadStack[] | undefined {
  const said = parseJson(text, Array.isArray)?.filter(isJsonObject) ?? [];
  const threads = said.map((thread) => ({
    name: textOf(thread['thread_name']),
    isMain: thread['os_thread_id'] === thread['pid'],
    frames: (Array.isArray(thread['frames']) ? thread['frames'] : []).filter(isJsonObject).map(frameOf),
  }));
  const [main] = threads.filter(({ isMain }) => isMain);
  return main === undefined ? undefined : [main, ...threads.filter((thread) => thread !== main)];
}

const frameOf = ({ name, filename, line }: { readonly [key: string]: Json | undefined }): StackFrame => ({
  functionName: textOf(name),
  file: textOf(filename),
  line: typeof line === 'number' && line > 0 ? line : null,
});

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);

function whyFailed(stderr: string): NotSeen {
  if (/permission denied|operation not permitted/i.test(stderr)) return { notSeen: 'py-spy is not permitted to read it' };
  const [line = ''] = stderr.replace(/^Error: /, '').split('\n');
  return { notSeen: `py-spy failed${line === '' ? '' : `: ${line}`}` };
}
