import { isJsonObject, type Json, parseJson } from '../../shared/contracts/json.ts';
import type { Disk } from '../../shared/platform/disk.ts';

/** What torch's `@record` writes when a rank throws. */
export interface ErrorFile {
  readonly message: string;
  /** The whole file. */
  readonly content: { readonly [key: string]: Json };
}

/** Reads an error file in either of its shapes; undefined where there is none, or something else. Never throws. */
export function readErrorFile(disk: Disk, path: string): ErrorFile | undefined {
  const content = parseJson(textOf(disk, path), isJsonObject);
  if (content === undefined) return undefined;
  const message = content['message'];
  const text = isJsonObject(message) ? message['message'] : message;
  return typeof text === 'string' ? { message: text, content } : undefined;
}

/** A rank can put anything there: who reads a pipe waits for its writer. */
function textOf(disk: Disk, path: string): string {
  try {
    return disk.kindOf(path) === 'file' ? disk.readText(path) : '';
  } catch {
    return '';
  }
}

/** Copies an error file to the launcher's own parent, with the exit code where the shape has a place for it. */
export function passErrorOn(disk: Disk, { content }: ErrorFile, path: string, errorCode: number): void {
  const message = content['message'];
  const passed = isJsonObject(message) ? { ...content, message: { ...message, errorCode } } : content;
  disk.write(path, JSON.stringify(passed));
}
