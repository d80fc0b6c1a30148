import { describe, expect, test } from 'vitest';
import { BARRIER, journalled, processes, verdictOn } from './hang-evidence.ts';

describe('who is to blame for a disagreement', () => {
  const elsewhere = { name: 'spike/save@75:committed', fingerprint: 'ffffffff', callSite: 'src/save.ts:99:3' };

  test('the minority, with both call sites and the last common barrier', () => {
    expect(verdictOn({ arriving: { 3: elsewhere } })).toMatchObject({
      class: 'desync',
      ranks: [3],
      confidence: 'high',
      says: 'rank 3 came to another barrier than ranks 0-2',
      evidence: [
        'ranks 0-2 at "spike/save@75:written" (src/save.ts:88:3)',
        'rank 3 at "spike/save@75:committed" (src/save.ts:99:3)',
        'last common barrier: barrier #6 "spike/evaluate@75"',
      ],
    });
  });

  test('both sides where they are as many', () => {
    expect(verdictOn({ arriving: { 2: elsewhere, 3: elsewhere } })).toMatchObject({
      class: 'desync',
      ranks: [0, 1, 2, 3],
      confidence: 'medium',
    });
  });

  test('both sides when only two of four have come, and nothing is known of the others', () => {
    const given = { arriving: { 1: elsewhere }, missing: { 2: {}, 3: {} } };
    expect(verdictOn(given)).toMatchObject({ class: 'desync', ranks: [0, 1], confidence: 'medium' });
  });

  test('the minority when the journals of the others say where they are', () => {
    const onTheWay = { barriers: [journalled('arrived', 1, BARRIER)] };
    expect(verdictOn({ arriving: { 1: elsewhere }, missing: { 2: onTheWay, 3: onTheWay } })).toMatchObject({
      class: 'desync',
      ranks: [1],
    });
  });

  test('the most frequent is no majority while it is less than half of the world', () => {
    const third = { ...elsewhere, name: 'third' };
    expect(verdictOn({ arriving: { 2: elsewhere, 3: third } })).toMatchObject({ class: 'desync', ranks: [0, 1, 2, 3] });
  });

  test('arguments differ where only the fingerprints do', () => {
    const verdict = verdictOn({ arriving: { 3: { fingerprint: 'ffffffff' } } });
    expect(verdict).toMatchObject({ class: 'desync', ranks: [3] });
    expect(verdict.evidence).toContain('the name is the same: the call sites or what the ranks were given differ');
  });

  test('what one side was given and the other not is told, and nothing else', () => {
    const others = { given: 'numSteps 150, mode min' };
    const arriving = { 0: others, 1: others, 2: others, 3: { fingerprint: 'ffffffff', given: 'numSteps 100, mode min' } };
    expect(verdictOn({ arriving })).toMatchObject({ ranks: [3], says: 'rank 3 came with something else than ranks 0-2' });
    expect(verdictOn({ arriving }).evidence).toEqual(
      expect.arrayContaining([
        'ranks 0-2 at "spike/save@75:written" with numSteps 150 (src/save.ts:88:3)',
        'rank 3 at "spike/save@75:written" with numSteps 100 (src/save.ts:88:3)',
      ]),
    );
  });

  test('a barrier of a later step was left out, in a world of two by one side or the other', () => {
    const later = { name: 'spike/save@100:written', fingerprint: 'ffffffff' };
    expect(verdictOn({ worldSize: 2, arriving: { 1: later } })).toMatchObject({
      class: 'skipped-barrier',
      ranks: [0, 1],
      confidence: 'medium',
    });
    expect(verdictOn({ arriving: { 1: later } })).toMatchObject({ class: 'skipped-barrier', ranks: [1] });
  });

  test.for(['spike/save@50:written', 'basic/save@100:written', 'save@x', 'the end'])('%s is no later step', (name) => {
    expect(verdictOn({ arriving: { 1: { name, fingerprint: 'ffffffff' } } })).toMatchObject({ class: 'desync', ranks: [1] });
  });

  test('nobody who has not come yet', () => {
    const given = { arriving: { 3: elsewhere }, missing: { 2: { processes: processes({ state: 'T' }) } } };
    expect(verdictOn(given)).toMatchObject({ class: 'desync', ranks: [0, 1, 3] });
  });
});
