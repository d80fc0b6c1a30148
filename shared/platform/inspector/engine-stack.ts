import { isJsonObject, type Json } from '../../contracts/json.ts';
import type { InspectorSession } from './inspector-session.ts';

/** A frame as the engine knows it, source maps not applied. */
export interface EngineFrame {
  /** A path or a URL, as the script was loaded; empty for one without a file. */
  readonly url: string;
  /** What the script says of its source map; null for none. */
  readonly sourceMapUrl: string | null;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Empty for one without a name, and at the top of a file. */
  readonly functionName: string;
}

/** Frames at one moment, innermost first. */
export interface EngineStack {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  readonly frames: readonly EngineFrame[];
}

type Script = Pick<EngineFrame, 'url' | 'sourceMapUrl'>;
type Scripts = ReadonlyMap<Json | undefined, Script>;

/** Halts the JavaScript of a process, each time for no longer than it takes to read where it is. */
export function stacksOf(session: InspectorSession, nowMs: () => number): { next(): Promise<EngineStack> } {
  const scripts = new Map<Json | undefined, Script>();
  let hear: ((stack: EngineStack) => void) | undefined;
  let isEnabled = false;
  session.on('Debugger.scriptParsed', ({ scriptId, url, sourceMapURL }) => {
    scripts.set(scriptId, { url: textOf(url), sourceMapUrl: textOf(sourceMapURL) || null });
  });
  // A `debugger` statement halts as well, which nobody wants here.
  session.on('Debugger.paused', ({ callFrames }) => {
    void session.ask('Debugger.resume');
    const frames = Array.isArray(callFrames) ? callFrames : [];
    hear?.({ atMs: nowMs(), frames: frames.map((frame: Json) => frameOf(frame, scripts)) });
  });
  return {
    next: () => {
      if (!isEnabled) void session.ask('Debugger.enable');
      isEnabled = true;
      return new Promise((resolve) => {
        hear = resolve;
        void session.ask('Debugger.pause');
      });
    },
  };
}

function frameOf(frame: Json, scripts: Scripts): EngineFrame {
  const { functionName, location } = isJsonObject(frame) ? frame : {};
  const { scriptId, lineNumber, columnNumber } = isJsonObject(location) ? location : {};
  return {
    ...(scripts.get(scriptId) ?? { url: '', sourceMapUrl: null }),
    line: Number(lineNumber ?? 0) + 1,
    column: Number(columnNumber ?? 0) + 1,
    functionName: textOf(functionName),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
