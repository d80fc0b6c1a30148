import { type CodePlace, type Doing, isSeen, type LoopEvidence, type NotSeen } from '../../shared/contracts/diagnosis.ts';
import type { Json } from '../../shared/contracts/json.ts';
import { type LoopQuestion, type SampledProcess, sampleLoop } from '../../shared/platform/inspector/loop-sample.ts';
import type { InspectorSurroundings } from '../../shared/platform/inspector/visits.ts';
import type { SourceMaps } from './source-maps.ts';

/** What a rank is asked when its loop turns, and how its answer is to be understood. */
export interface LoopEnquiry extends LoopQuestion {
  /** Of the answer and of where its functions are; undefined for an answer that says nothing. */
  readonly understand: (answer: Json, functions: readonly (CodePlace | null)[]) => readonly Doing[] | undefined;
}

/** What the event loop of a rank does, in terms of its sources. */
export async function gatherLoop(
  surroundings: InspectorSurroundings,
  sampled: SampledProcess,
  enquiry: LoopEnquiry,
  maps: SourceMaps,
): Promise<LoopEvidence | NotSeen> {
  const sample = await sampleLoop(surroundings, sampled, enquiry);
  if (!isSeen(sample)) return sample;
  switch (sample.kind) {
    case 'idle': {
      const functions = sample.functions.map((each) => (each === null ? null : (maps.mapFrame(each) ?? null)));
      const doing = enquiry.understand(sample.answer, functions);
      return doing === undefined ? { notSeen: 'it does not say what it is doing' } : { kind: 'idle', doing };
    }
    case 'busy': {
      const stacks = sample.stacks.map(({ atMs, frames }) => ({
        atMs,
        frames: frames.flatMap((each) => maps.mapFrame(each) ?? []),
      }));
      return { kind: 'busy', stacks };
    }
    case 'unreachable':
      return sample;
  }
}
