import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAULT_KINDS, FAULT_PLACES } from '../../../shared/contracts/fault.ts';
import { parseFaults } from '../../../shared/policy/fault-shape.ts';

const refusal = (spelled: string): string => {
  try {
    return `accepted ${JSON.stringify(parseFaults('--inject', spelled))}`;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

describe('a fault on the command line', () => {
  test.for([
    ['stall:rank=1,barrier=7', [{ kind: 'stall', rank: 1, barrier: 7 }]],
    ['spin:rank=0,point=start', [{ kind: 'spin', rank: 0, point: 'start' }]],
    ['throw:rank=2,step=25,message=enough = enough', [{ kind: 'throw', rank: 2, step: 25, message: 'enough = enough' }]],
    ['exit:rank=2,step=25,code=0', [{ kind: 'exit', rank: 2, step: 25, code: 0 }]],
    ['stall:rank=1,barrier=7; ', [{ kind: 'stall', rank: 1, barrier: 7 }]],
    ['no-start:rank=3 ; skip:rank=0,barrier=0', [{ kind: 'no-start', rank: 3 }, { kind: 'skip', rank: 0, barrier: 0 }]], // biome-ignore format: short
  ] as const)('%s', ([spelled, faults]) => expect(parseFaults('--inject', spelled)).toEqual(faults));

  test.for([
    ['', /^--inject : no fault, expected one or more$/],
    [' ; ', /^--inject {2}; : no fault, expected one or more$/],
    ['stal:rank=1', /^--inject stal:rank=1: kind: got "stal", expected a kind of fault \(did you mean stall\?\)$/],
    ['stall:rank=0,rank=1,step=25', /^--inject stall:rank=0,rank=1,step=25: rank: given twice, expected once$/],
    ['early-return:rank=1,barrier=6', /: barrier: no place for a fault of kind early-return, expected step$/],
    ['exit:rank=1,step=25,code=256', /: code: got 256, expected a whole number from 0 to 255$/],
    ['explode:rank=1', /^--inject explode:rank=1: kind: got "explode", expected stall or /],
    ['stall', /^--inject stall: rank: missing, expected a whole number, 0 or more$/],
    ['stall:rank=-1,step=1', /^--inject stall:rank=-1,step=1: rank: got "-1", expected a whole number, 0 or more$/],
    ['stall:rank=1', /^--inject stall:rank=1: step: missing, expected one of step, barrier, point$/],
    ['stall:rank=1,step=0', /step: got 0, expected a positive whole number$/],
    ['stall:rank=1,point=end', /point: got "end", expected start$/],
    ['stall:rank=1,step=1,barrier=1', /step and barrier: given together, expected one of them$/],
    ['skip:rank=1,step=1', /: step: no place for a fault of kind skip, expected barrier$/],
    ['skip:rank=1', /barrier: missing, expected a whole number, 0 or more$/],
    ['no-start:rank=1,step=1', /step: a fault of kind no-start has no such field$/],
    ['exit:rank=1,step=1', /code: missing, expected a whole number from 0 to 255$/],
    ['kill:rank=1,step=1,code=1', /code: a fault of kind kill has no such field$/],
    ['stall:rank', /^--inject stall:rank: got "rank", expected NAME=VALUE$/],
  ] as const)('%s is refused', ([spelled, sentence]) => expect(refusal(spelled)).toMatch(sentence));
});

test('whatever is spelled, it is understood or refused in one line that names the option', () => {
  const piece = fc.oneof(fc.constantFrom(...FAULT_KINDS, ':', ',', ';', 'rank=1', 'step=25', 'barrier=3', 'point=start', 'code=1'), fc.string()); // biome-ignore format: short
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(refusal(pieces.join('').replaceAll('\n', ' '))).toMatch(/^(accepted|--inject) .*$/s);
    }),
  );
});

test('every kind is understood wherever it may strike', () => {
  const spelledAt = { step: 'step=25', barrier: 'barrier=3', point: 'point=start' };
  for (const kind of FAULT_KINDS) {
    const more = kind === 'exit' ? ',code=1' : '';
    const spelled = FAULT_PLACES[kind].map((place) => `${kind}:rank=1,${spelledAt[place]}${more}`);
    for (const each of spelled.length === 0 ? [`${kind}:rank=1`] : spelled) expect(parseFaults('--inject', each)).toHaveLength(1);
  }
});
