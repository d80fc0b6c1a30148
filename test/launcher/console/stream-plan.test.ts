import { describe, expect, test } from 'vitest';
import { linePrefix } from '../../../launcher/console/line-prefix.ts';
import { planStreams, type RankStreams } from '../../../launcher/console/stream-plan.ts';
import type { StreamSet } from '../../../launcher/program/program-request.ts';
import { choice, placement, routing } from './routing.ts';

const PIPES = { stdout: false, stderr: false };
const TERMINALS = { stdout: true, stderr: true };

const routes = (streams: readonly RankStreams[]): readonly string[] =>
  streams.map(({ stdout, stderr }) => `${stdout} | ${stderr}`);

describe('without -r and -t', () => {
  test('every stream of every rank goes to its file and to the console', () => {
    expect(routes(planStreams(routing(), placement(2), TERMINALS))).toEqual([
      'file and console | file and console',
      'file and console | file and console',
    ]);
  });

  test('one rank has the terminal to itself, and only what is a terminal', () => {
    expect(routes(planStreams(routing(), placement(1), TERMINALS))).toEqual(['inherit | inherit']);
    expect(routes(planStreams(routing(), placement(1), { stdout: true, stderr: false }))).toEqual(['inherit | file and console']);
    expect(routes(planStreams(routing(), placement(1), PIPES))).toEqual(['file and console | file and console']);
  });

  test('one rank of many nodes shares the terminal', () => {
    const streams = planStreams(routing(), { ...placement(1), nodeCount: 2, nodeRank: 1 }, TERMINALS);
    expect(routes(streams)).toEqual(['file and console | file and console']);
  });
});

test('rank 0 of node 0 alone reads standard input', () => {
  expect(planStreams(routing(), placement(3), PIPES).map(({ stdin }) => stdin)).toEqual(['inherit', 'ignore', 'ignore']);
  const second = planStreams(routing(), { ...placement(2), nodeCount: 2, nodeRank: 1 }, PIPES);
  expect(second.map(({ stdin, rank }) => [rank, stdin])).toEqual([
    [2, 'ignore'],
    [3, 'ignore'],
  ]);
});

test.each<[StreamSet, StreamSet, string]>([
  ['stdout', 'none', 'file | file and console'],
  ['stderr', 'none', 'file and console | file'],
  ['both', 'none', 'file | file'],
  ['none', 'both', 'file and console | file and console'],
  ['both', 'both', 'file and console | file and console'],
  ['both', 'stderr', 'file | file and console'],
])('redirecting %s and teeing %s is %s', (redirects, tee, expected) => {
  const streams = planStreams(routing({ redirects: choice(redirects), tee: choice(tee) }), placement(2), PIPES);
  expect(routes(streams)).toEqual([expected, expected]);
});

test('maps are by local rank, beyond rank 9 too, and on any node', () => {
  const redirects = choice('none', [[10, 'both']]);
  const streams = planStreams(routing({ redirects }), { ...placement(12), nodeCount: 2, nodeRank: 1 }, PIPES);
  expect(streams.filter(({ stdout }) => stdout === 'file').map(({ rank }) => rank)).toEqual([22]);
});

test('one rank on a terminal is teed or redirected when that was asked for', () => {
  const asked = routing({ redirects: choice('stderr'), tee: choice('stdout') });
  expect(routes(planStreams(asked, placement(1), TERMINALS))).toEqual(['file and console | file']);
});

test('a rank that is filtered out is in its files only, teed or not', () => {
  const filtered = routing({ tee: choice('stdout'), consoleRanks: [1] });
  expect(routes(planStreams(filtered, placement(2), PIPES))).toEqual(['file | file', 'file and console | file and console']);
  expect(routes(planStreams(routing({ consoleRanks: [7] }), placement(1), TERMINALS))).toEqual(['file | file']);
});

test('test_binary_redirect_and_tee (40): `-r 0:2 -t 0:1,1:2`; a stream that torchrun leaves alone is in a file here, too', () => {
  const asked = routing({
    redirects: choice('none', [[0, 'stderr']]),
    tee: choice('none', [
      [0, 'stdout'],
      [1, 'stderr'],
    ]),
  });
  expect(routes(planStreams(asked, placement(2), PIPES))).toEqual([
    'file and console | file',
    'file and console | file and console',
  ]);
});

describe('the prefix of a line', () => {
  const speaker = { role: 'trainer', localRank: 1, rank: 5 };

  test('names the global rank', () => {
    expect(linePrefix(undefined, speaker)).toBe('[rank 5] ');
  });

  test('test_run_with_custom_log_lines (59): follows the template', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: torchrun's variables
    expect(linePrefix('[${role_name}-${local_rank}:${rank}]:', speaker)).toBe('[trainer-1:5]:');
  });

  test('leaves what is no variable, as Python does', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template
    expect(linePrefix('$rank $$rank ${host} $ ${', speaker)).toBe('5 $rank ${host} $ ${');
  });
});
