import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** Processes that have a text in their environment or their command line, and run. */
export const processesWith = (text: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['environ', 'cmdline'].some((file) => contentOf(`/proc/${pid}/${file}`).includes(text)))
    .filter((pid) => !/^\d+ \(.*\) [ZX] /s.test(contentOf(`/proc/${pid}/stat`)))
    .map(Number);

/** Waits until there are none any more; gives those that stay. */
export async function processesThatStay(texts: readonly string[]): Promise<readonly number[]> {
  const found = (): readonly number[] => texts.flatMap(processesWith);
  for (const deadline = Date.now() + PATIENCE_MS; found().length > 0 && Date.now() < deadline; ) await pause(10);
  return found();
}

/** What a file of /proc says; nothing where it is gone. */
export function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
