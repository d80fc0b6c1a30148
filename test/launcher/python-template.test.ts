// biome-ignore-all lint/suspicious/noTemplateCurlyInString: torchrun's placeholders look like that
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeSubstitute } from '../../launcher/python-template.ts';
import '../property-seed.ts';

// What Python 3.11 gave for each.
test.for([
  ['--local-rank=${local_rank}', '--local-rank=7'],
  ['$local_rank', '7'],
  ['x$local_rank.y', 'x7.y'],
  ['$$', '$'],
  ['$${local_rank}', '${local_rank}'],
  ['$$$local_rank', '$7'],
  ['$local_rankx', '$local_rankx'],
  ['${local_rank', '${local_rank'],
  ['$', '$'],
  ['a$1', 'a$1'],
  ['$LOCAL_RANK ${Local_Rank}', '$LOCAL_RANK ${Local_Rank}'],
  ['${other} $local_rank', '${other} 7'],
  ['$local_ranké', '7é'],
  ['$ſ', '$ſ'],
] as const)('%s becomes %s', ([template, expected]) => expect(safeSubstitute(template, { local_rank: '7' })).toBe(expected));

const PYTHON = `
import json, string, sys
print(json.dumps([string.Template(text).safe_substitute(local_rank='7') for text in json.load(sys.stdin)]))
`;

test('is what Python makes of any text', ({ skip }) => {
  const piece = fc.constantFrom('$', '{', '}', 'local_rank', '_', 'x', '0', ' ', 'ſ', 'K', '\n');
  const texts = fc.sample(fc.string({ unit: piece, maxLength: 12 }), 500);
  const { stdout, status } = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify(texts), encoding: 'utf8' });
  skip(status !== 0, 'python3 is not here');
  expect(texts.map((text) => safeSubstitute(text, { local_rank: '7' }))).toEqual(JSON.parse(stdout));
});
