/** Does the same with each of many, so many at a time; the results are in the order of the many. */
export async function sideBySide<T, R>(width: number, many: readonly T[], work: (each: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = many.entries();
  const worker = async (): Promise<void> => {
    for (const [index, each] of queue) results[index] = await work(each);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
