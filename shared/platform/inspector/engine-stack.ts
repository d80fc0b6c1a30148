import { isJsonObject, type Json } from '../../contracts/json.ts';
import { type EngineFrame, type EngineScripts, textOf } from './engine-scripts.ts';
import type { InspectorSession } from './inspector-session.ts';

/** Frames at one moment, innermost first. */
export interface EngineStack {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  readonly frames: readonly EngineFrame[];
}

/** Halts the JavaScript of a process, each time for no longer than it takes to read where it is. */
export function stacksOf(
  session: InspectorSession,
  scripts: EngineScripts,
  nowMs: () => number,
): { next(): Promise<EngineStack> } {
  let hear: ((stack: EngineStack) => void) | undefined;
  // A `debugger` statement halts as well, which nobody wants here.
  session.on('Debugger.paused', ({ callFrames }) => {
    void session.ask('Debugger.resume');
    const frames = Array.isArray(callFrames) ? callFrames : [];
    hear?.({ atMs: nowMs(), frames: frames.map((frame: Json) => frameOf(frame, scripts)) });
  });
  return {
    next: () => {
      void scripts.known();
      return new Promise((resolve) => {
        hear = resolve;
        void session.ask('Debugger.pause');
      });
    },
  };
}

function frameOf(frame: Json, scripts: EngineScripts): EngineFrame {
  const { functionName, location } = isJsonObject(frame) ? frame : {};
  return scripts.frameAt(location, textOf(functionName));
}
