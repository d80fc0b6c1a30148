import type { CodePlace } from '../../shared/contracts/diagnosis.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import type { EngineFrame } from '../../shared/platform/inspector/engine-scripts.ts';
import type { SourceMaps } from './source-maps.ts';

const FRAME = /^\s+at (?:async )?(?:(?<name>.*?) \((?<within>.+)\)|(?<alone>.+))$/;
const PLACE = /^(?<url>.+):(?<line>\d+):(?<column>\d+)$/;

/** Where an error was thrown and who waited for that, innermost first; nothing of Node's own. */
export const placesIn = (error: Pick<SerializedError, 'message' | 'stack'>, maps: SourceMaps): readonly CodePlace[] =>
  framesIn(error).flatMap((frame) => maps.mapFrame(frame) ?? []);

/** The frames of the text that V8 makes of an error's stack; what the message itself says of frames is left out. */
export function framesIn({ message, stack }: Pick<SerializedError, 'message' | 'stack'>): readonly EngineFrame[] {
  const text = stack ?? '';
  const told = text.indexOf(message);
  const lines = text.slice(told === -1 ? 0 : told + message.length).split('\n');
  const frames = lines.slice(lines.findIndex((line) => FRAME.test(line)));
  const end = frames.findIndex((line) => !FRAME.test(line));
  return frames.slice(0, end === -1 ? undefined : end).flatMap((line) => frameIn(line) ?? []);
}

/** Undefined for one without a place: `async Promise.all (index 0)`, what is native, and what eval made. */
function frameIn(line: string): EngineFrame | undefined {
  const { name = '', within, alone } = FRAME.exec(line)?.groups ?? {};
  const where = within ?? alone ?? '';
  const place = where.startsWith('eval at ') ? undefined : PLACE.exec(where)?.groups;
  if (place === undefined) return undefined;
  return {
    url: place['url'] ?? '',
    sourceMapUrl: null,
    line: Number(place['line']),
    column: Number(place['column']),
    functionName: name.endsWith('<anonymous>') ? '' : name.replace(/ \[as .*\]$/, ''),
  };
}
