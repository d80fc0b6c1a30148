/** The ranks that do not say what most say; of equally frequent answers, the one of the lowest rank counts as right. */
export function dissent(answers: readonly string[]): { readonly agreed: string; readonly ranks: readonly number[] } {
  const votes = new Map<string, number>();
  for (const answer of answers) votes.set(answer, (votes.get(answer) ?? 0) + 1);
  const most = Math.max(0, ...votes.values());
  const agreed = answers.find((answer) => votes.get(answer) === most) ?? '';
  return { agreed, ranks: answers.flatMap((answer, rank) => (answer === agreed ? [] : [rank])) };
}
