import { describe, expect, test } from 'vitest';
import type { OutputStyle } from '../../../shared/contracts/run-plan.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { type LogLine, openLogger } from '../../../shared/platform/logger.ts';

const PLAIN: OutputStyle = { logFormat: 'text', quiet: false, color: false, progress: false };

const LINES: readonly LogLine[] = [
  { kind: 'event', text: 'step 25', fields: { event: 'step', step: 25 } },
  { kind: 'result', text: 'Verifying results...' },
  { kind: 'result', text: '✓ fine', fields: { event: 'finding', status: 'passed' } },
  { kind: 'failure', text: '✗ broken \u001b[2J', fields: { event: 'finding', status: 'failed' } },
  { kind: 'failure', text: '    found:    ✗ inside' },
  { kind: 'verdict', text: '✓ ALL', fields: { event: 'verdict' } },
];

/** What all these lines look like on each stream. */
async function printed(style: Partial<OutputStyle>): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const texts = { stdout: '', stderr: '' };
  const to = (stream: keyof typeof texts): { write(text: string): void } => ({
    write: (text) => {
      texts[stream] += text;
    },
  });
  const logger = await openLogger({ ...PLAIN, ...style }, { ...nodeClock, nowMs: () => 17 }, to('stdout'), to('stderr'));
  for (const line of LINES) logger.log(line);
  return texts;
}

describe('as text', () => {
  test('results go to stdout and progress to stderr, with control characters escaped', async () => {
    expect(await printed({})).toEqual({
      stdout: 'Verifying results...\n✓ fine\n✗ broken \\x1b[2J\n    found:    ✗ inside\n✓ ALL\n',
      stderr: 'step 25\n',
    });
  });

  test('quiet leaves the verdict and failures', async () => {
    expect(await printed({ quiet: true })).toEqual({ stdout: '✗ broken \\x1b[2J\n    found:    ✗ inside\n✓ ALL\n', stderr: '' });
  });

  test('colour paints the mark that begins a line, and nothing else', async () => {
    const { stdout } = await printed({ color: true });
    expect(stdout.split('\n')).toEqual([
      ...['Verifying results...', '\u001b[32m✓\u001b[0m fine', '\u001b[31m✗\u001b[0m broken \\x1b[2J'],
      ...['    found:    ✗ inside', '\u001b[32m✓\u001b[0m ALL', ''],
    ]);
  });
});

test('warnings go to stderr as text, even where it is quiet', async () => {
  const told: string[] = [];
  const stderr = { write: (text: string): void => void told.push(text) };
  const logger = await openLogger({ ...PLAIN, quiet: true }, nodeClock, { write: () => expect.fail() }, stderr);
  logger.log({ kind: 'warning', text: 'beware' });
  expect(told).toEqual(['beware\n']);
});

describe('as JSON', () => {
  test('another speaker has fields of its own, and a warning has its level', async () => {
    const told: string[] = [];
    const output = { write: (text: string): void => void told.push(text) };
    const logger = await openLogger(
      { ...PLAIN, logFormat: 'json', quiet: true },
      { ...nodeClock, nowMs: () => 17 },
      output,
      output,
      {},
    );
    logger.log({ kind: 'warning', text: 'beware', fields: { event: 'warning' } });
    expect(parsed(told.join(''))).toEqual([{ level: 40, time: 17, event: 'warning', msg: 'beware' }]);
  });

  const parsed = (text: string): unknown =>
    text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));

  test('each line that is data is one object with its level, its time and its text', async () => {
    const { stdout, stderr } = await printed({ logFormat: 'json' });
    expect(stderr).toBe('');
    expect(parsed(stdout)).toEqual([
      { level: 30, time: 17, rank: 0, event: 'step', step: 25, msg: 'step 25' },
      { level: 30, time: 17, rank: 0, event: 'finding', status: 'passed', msg: '✓ fine' },
      { level: 50, time: 17, rank: 0, event: 'finding', status: 'failed', msg: '✗ broken \u001b[2J' },
      { level: 30, time: 17, rank: 0, event: 'verdict', msg: '✓ ALL' },
    ]);
    expect(stdout).not.toContain('\u001b');
  });

  test('quiet leaves the verdict and failures', async () => {
    const { stdout } = await printed({ logFormat: 'json', quiet: true });
    expect(parsed(stdout)).toMatchObject([{ level: 50 }, { event: 'verdict' }]);
  });
});
