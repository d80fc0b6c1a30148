import type { TrainerControl, TrainerState } from '../../shared/contracts/callback.ts';
import type { CheckpointInfo } from '../../shared/contracts/checkpoint.ts';
import type { JsonObject } from '../../shared/contracts/json.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import { type CallbackSet, makeCallbacks } from '../callbacks/callback-set.ts';
import { CheckpointManager } from '../checkpoint/checkpoint-manager.ts';
import type { TrainingContext } from '../context.ts';
import { ifLeft } from '../faults/left-step.ts';
import { measureOutput } from '../printed-output.ts';
import { decide, type StepDecision } from './decision.ts';
import { evaluate } from './evaluation.ts';
import { type SimulatedModel, simulatedModel } from './simulated-model.ts';
import { logStep } from './step-log.ts';

/** How training came to its end. An early return is a bug on purpose: the rank leaves without a word and stays alive. */
export type TrainingEnd = 'completed' | 'stopped' | 'aborted' | 'early-return';

/** Trains one scenario on this rank: at each step that is due, evaluate, callbacks, best list, save, delete, stop. All ranks end together. */
export async function train(context: TrainingContext, scenario: Scenario, directory: string): Promise<TrainingEnd> {
  const trainer = openTrainer(context, scenario, directory);
  let end: TrainingEnd = 'completed';
  let step = 0;
  while (step < scenario.numSteps && end === 'completed') {
    step += 1;
    end = await trainStep(trainer, step).catch(ifLeft('completed' as const));
  }
  if (end === 'early-return') return end;
  context.journal.append({ type: 'training:ended', step, reason: end });
  await decide(context, `${scenario.name}/end`, async (control) => {
    await trainer.callbacks.onTrainEnd(stateAt(trainer, step), control);
    measureOutput(context);
  }).catch(ifLeft(GO_ON));
  return end;
}

interface Trainer {
  readonly context: TrainingContext;
  readonly scenario: Scenario;
  readonly model: SimulatedModel;
  readonly callbacks: CallbackSet;
  readonly manager: CheckpointManager;
  readonly evaluations: CheckpointInfo[];
  readonly tellStep: (step: number) => void;
}

function openTrainer(context: TrainingContext, scenario: Scenario, directory: string): Trainer {
  const { world, plan } = context;
  const { rank, worldSize } = world;
  const { metricName, mode } = scenario;
  const callbacks = makeCallbacks(scenario, { rank, worldSize, metricName, mode }, context.doing);
  context.journal.append({ type: 'callbacks:made', detectors: callbacks.detectors });
  return {
    context,
    scenario,
    model: simulatedModel(plan.seed, rank),
    callbacks,
    manager: new CheckpointManager(context, scenario, directory),
    evaluations: [],
    tellStep: stepTeller(context),
  };
}

const STEP_TOLD_EVERY_MS = 250;

/** Journals steps, so rarely that it costs nothing. */
function stepTeller({ journal, platform: { clock } }: TrainingContext): (step: number) => void {
  let toldAtMs = clock.monotonicMs();
  return (step) => {
    if (clock.monotonicMs() - toldAtMs < STEP_TOLD_EVERY_MS) return;
    toldAtMs = clock.monotonicMs();
    journal.append({ type: 'step:reached', step });
  };
}

async function trainStep(trainer: Trainer, step: number): Promise<TrainingEnd> {
  const { scenario, model, context } = trainer;
  model.trainStep(step);
  await context.faults.atStep();
  trainer.tellStep(step);
  context.heart.at(step);
  const evaluates = step % scenario.evalInterval === 0;
  const saves = step % scenario.saveInterval === 0;
  context.progress.show(`${scenario.name}  step ${step}/${scenario.numSteps}`);
  if (!evaluates && !saves) return 'completed';

  const metric = evaluates ? await evaluate(context, scenario, step) : undefined;
  if (evaluates) trainer.evaluations.push({ step, metric });
  const decision = evaluates ? await decideStep(trainer, step, metric, saves) : GO_ON;
  const willSave = saves && !decision.abort;
  logStep(context, scenario, { step, evaluates, metric, willSave, decision });
  if (willSave && (await context.faults.beforeSave(step)) === 'early-return') return 'early-return';
  const later = willSave ? await save(trainer, step, metric) : GO_ON;
  if (decision.abort || later.abort) return 'aborted';
  return decision.stop || later.stop ? 'stopped' : 'completed';
}

const GO_ON: StepDecision = { stop: false, abort: false, divergence: null };

async function decideStep(trainer: Trainer, step: number, metric: number | undefined, saves: boolean): Promise<StepDecision> {
  const { scenario, callbacks, context } = trainer;
  const metrics = metric === undefined ? {} : { [scenario.metricName]: metric };
  const heard = (callback: string): void => {
    if (metric !== undefined) context.journal.append({ type: 'detector:notified', step, callback });
  };
  const ask = (control: TrainerControl): Promise<void> => callbacks.onEvaluate(metrics, stateAt(trainer, step), control, heard);
  // Without callbacks there is nothing that ranks could decide differently.
  const decision = scenario.hasCallbacks ? await decide(context, `${scenario.name}/decide@${step}`, ask) : GO_ON;
  const { stop, abort, divergence } = decision;
  if (divergence !== null) context.journal.append({ type: 'divergence:detected', step, reason: divergence });
  context.journal.append({ type: 'step:decided', step, stop, abort, save: saves && !abort });
  return decision;
}

async function save(trainer: Trainer, step: number, metric: number | undefined): Promise<StepDecision> {
  const { callbacks, context, manager, model, evaluations } = trainer;
  const { journal } = context;
  let callbackState: JsonObject = {};
  const asked = await manager.save({
    step,
    metric,
    model,
    evaluations,
    callbackState: () => {
      callbackState = callbacks.stateDict();
      return callbackState;
    },
    onCommitted: async (saved, control) => {
      journal.append({ type: 'callbacks:restored', step, saved: callbackState, restored: callbacks.restored(saved) });
      await callbacks.onSave(stateAt(trainer, step), control);
    },
  });
  const { stop, abort, divergence } = asked;
  if (divergence !== null) journal.append({ type: 'divergence:detected', step, reason: divergence });
  journal.append({ type: 'save:decided', step, stop, abort });
  return asked;
}

function stateAt({ context: { world }, scenario, manager }: Trainer, step: number): TrainerState {
  const [best] = manager.best;
  return {
    step,
    maxSteps: scenario.numSteps,
    rank: world.rank,
    worldSize: world.worldSize,
    isWorldProcessZero: world.rank === 0,
    bestStep: best?.step,
    bestMetric: best?.metric,
  };
}
