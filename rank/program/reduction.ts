/** What can be made of one number from each rank. */
export type NumberReduction = 'sum' | 'min' | 'max';

/** What can be made of one boolean from each rank. */
export type BooleanReduction = 'and' | 'or';

/** One number of all; the sum in rank order, so that it is the same on every rank to the last bit. */
export function reduceNumbers(reduction: NumberReduction, values: readonly number[]): number {
  switch (reduction) {
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0);
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
  }
}

/** One boolean of all. */
export function reduceBooleans(reduction: BooleanReduction, values: readonly boolean[]): boolean {
  switch (reduction) {
    case 'and':
      return values.every((value) => value);
    case 'or':
      return values.some((value) => value);
  }
}
