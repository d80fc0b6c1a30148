/** The package's main door: what a scenario file needs, and a program that meets at barriers. */

export type { Metrics, TrainerCallback, TrainerControl, TrainerState } from '../shared/contracts/callback.ts';
export type {
  BestEntry,
  BestListUpdate,
  CheckpointInfo,
  Limit,
  RetentionDecision,
  RetentionHistory,
  RetentionPolicy,
} from '../shared/contracts/checkpoint.ts';
export type { Fault } from '../shared/contracts/fault.ts';
export type { Json, JsonObject } from '../shared/contracts/json.ts';
export type { MetricMode } from '../shared/contracts/metric.ts';
export type {
  CallbackContext,
  Expectation,
  SaveOrder,
  ScenarioDefinition,
  ScenarioParameters,
} from '../shared/contracts/scenario.ts';
export { defineScenario } from '../shared/contracts/scenario.ts';
export { updateBestCheckpoints } from '../shared/policy/best-list.ts';
export { inclusiveRetention, newestAndBest } from '../shared/policy/retention.ts';
export { DivergenceDetector, type DivergenceDetectorOptions } from './callbacks/divergence-detector.ts';
export { init } from './program/init.ts';
export type { BarrierOptions, InitOptions, ProcessGroup } from './program/process-group.ts';
export type { BooleanReduction, NumberReduction } from './program/reduction.ts';
export { decayingLoss } from './training/loss-curve.ts';
