/** The ranks that do not say what most say; of equally frequent answers, the one of the lowest rank counts as right. */
export function dissent(answers: readonly string[]): { readonly agreed: string; readonly ranks: readonly number[] } {
  const agreed = answers.reduce(
    (best, answer) => (votes(answers, answer) > votes(answers, best) ? answer : best),
    answers[0] ?? '',
  );
  return { agreed, ranks: answers.flatMap((answer, rank) => (answer === agreed ? [] : [rank])) };
}

const votes = (answers: readonly string[], answer: string): number => answers.filter((other) => other === answer).length;
