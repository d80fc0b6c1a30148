import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../../shared/policy/nearest.ts';
import '../../property-seed.ts';

const SCENARIOS = ['basic', 'spike', 'bug-no-trim', 'bug-update-after-save', 'all'];

test.for([
  ['spkie', 'spike'],
  ['Basic', 'basic'],
  ['bug-notrim', 'bug-no-trim'],
  ['bug-update-aftr-sav', 'bug-update-after-save'],
  ['al', 'all'],
] as const)('%s is near to %s', ([word, meant]) => expect(nearest(word, SCENARIOS)).toBe(meant));

test.for(['resume', 'x', '', 'completely-different'])('"%s" is near to nothing', (word) =>
  expect(nearest(word, ['basic', 'spike'])).toBeUndefined(),
);

test('the guess is spelled out, and no guess is nothing', () => {
  expect(didYouMean('spkie', SCENARIOS)).toBe(' (did you mean spike?)');
  expect(didYouMean('resume-training', SCENARIOS)).toBe('');
  expect(didYouMean('x', [])).toBe('');
});

test('a word with one typing mistake finds itself', () => {
  const words = ['--nproc-per-node', '--save-total-limit', '--inject-spike-at-step', '--preserve-n-best', '--shutdown-timeout'];
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom('', 'x', 'xy'), (word, at, instead) => {
      const place = at % word.length;
      expect(nearest(word.slice(0, place) + instead + word.slice(place + 1), words)).toBe(word);
    }),
  );
});

test('the nearest of all is found, whatever the order', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(SCENARIOS, { minLength: SCENARIOS.length }), (candidates) => {
      expect(nearest('bsic', candidates)).toBe('basic');
    }),
  );
});
