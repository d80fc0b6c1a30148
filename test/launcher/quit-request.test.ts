import { expect, test } from 'vitest';
import { answerQuit } from '../../launcher/quit-request.ts';
import { nodeClock } from '../../shared/platform/clock.ts';

function asked(): { readonly quitAt: (ms: number) => void; readonly heard: readonly string[] } {
  const heard: string[] = [];
  let now = 0;
  const quit = answerQuit(
    { ...nodeClock, monotonicMs: () => now },
    (reason) => heard.push(JSON.stringify(reason)),
    () => heard.push('described'),
  );
  const quitAt = (ms: number): void => {
    now = ms;
    quit();
  };
  return { heard, quitAt };
}

test('the first SIGQUIT asks how the run stands, and one within five seconds ends it', () => {
  const { quitAt, heard } = asked();
  quitAt(100);
  quitAt(5_099);
  expect(heard).toEqual(['described', '{"kind":"interrupted","signal":"SIGQUIT"}']);
});

test('a later one asks again', () => {
  const { quitAt, heard } = asked();
  quitAt(100);
  quitAt(5_100);
  expect(heard).toEqual(['described', 'described']);
});
