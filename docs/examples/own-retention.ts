import { defineScenario, type RetentionPolicy } from 'ckpt-run';

/** Every hundredth step stays for ever, and besides those the newest two and the best list. */
const milestones: RetentionPolicy = ({ checkpoints, best }) => {
  const wanted = new Set([...checkpoints.slice(-2), ...best].map(({ step }) => step));
  const stays = (step: number): boolean => step % 100 === 0 || wanted.has(step);
  const steps = checkpoints.map(({ step }) => step);
  return { preserve: steps.filter(stays), delete: steps.filter((step) => !stays(step)) };
};

export default defineScenario({
  name: 'own-retention',
  summary: 'milestones stay, and the newest two and the best one',
  numSteps: 300,
  evalInterval: 20,
  saveInterval: 20,
  // This retention has a limit of its own.
  saveTotalLimit: 'none',
  preserveNBest: 1,
  // Falls until step 140 and rises after it.
  metric: (step) => 2 + Math.abs(step - 140) / 100,
  retention: milestones,
  expect: { onDisk: [100, 140, 200, 280, 300] },
});
