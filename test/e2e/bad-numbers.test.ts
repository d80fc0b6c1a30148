import { test } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { sandbox } from './sandbox.ts';

/** What is refused for each kind of number, with the complaint. */
const BAD_NUMBERS = {
  positive: {
    ...{ x: 'got "x", expected a whole number', '1.5': 'got "1.5", expected a whole number' },
    ...{ '0': 'got 0, expected a positive whole number', '-3': 'got -3, expected a positive whole number' },
  },
  positiveOrNone: {
    ...{ x: 'got "x", expected a positive whole number or none', '2.0': 'got "2.0", expected a positive whole number or none' },
    ...{ '0': 'got 0, expected a positive whole number or none', '-3': 'got -3, expected a positive whole number or none' },
  },
  count: {
    ...{ x: 'got "x", expected a whole number', '1e3': 'got "1e3", expected a whole number' },
    ...{ '-1': 'got -1, expected a whole number, 0 or more' },
  },
  processes: {
    ...{
      x: 'got "x", expected a whole number from 1 to 4096, auto or cpu',
      '1.5': 'got "1.5", expected a whole number from 1 to 4096, auto or cpu',
    },
    ...{
      '0': 'got 0, expected a whole number from 1 to 4096, auto or cpu',
      '-2': 'got -2, expected a whole number from 1 to 4096, auto or cpu',
    },
  },
  duration: Object.fromEntries(
    ['x', '0', '-1', '1.5.2', '5d'].map((given) => [
      given,
      `got "${given}", expected seconds above 0, or a duration such as 500ms, 30s or 5m, up to 596h`,
    ]),
  ),
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

const NUMERIC_OPTIONS: readonly (readonly [string, keyof typeof BAD_NUMBERS])[] = [
  ['--nproc-per-node', 'processes'],
  ['--num-steps', 'positive'],
  ['--eval-interval', 'positive'],
  ['--save-interval', 'positive'],
  ['--save-total-limit', 'positiveOrNone'],
  ['--preserve-n-best', 'count'],
  ['--inject-spike-at-step', 'positiveOrNone'],
  ['--seed', 'count'],
  ['--barrier-timeout', 'duration'],
  ['--timeout', 'duration'],
  ['--shutdown-timeout', 'duration'],
];

test.for(NUMERIC_OPTIONS)('%s refuses what is not %s', async ([option, kind]) => {
  const box = sandbox();
  const rows = Object.entries<string>(BAD_NUMBERS[kind]);
  const runs = rows.map(([given, complaint]) =>
    expectRefusal(box, { args: ['--output-dir=out', `${option}=${given}`], sentence: `${option}: ${complaint}` }),
  );
  await Promise.all(runs);
});
