/** The system's code of an error (ENOENT, …), if it has one. */
export const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

/** Does the work; gives `otherwise` when it fails with one of the codes. */
export function unless<T>(codes: readonly string[], otherwise: T, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (codes.includes(codeOf(thrown) ?? '')) return otherwise;
    throw thrown;
  }
}
