import { isJsonObject, type Json } from '../../contracts/json.ts';

/** Where two JSON values first differ, and what stands there; undefined marks what one side lacks. */
export interface JsonDifference {
  /** Keys and indices from the top, outermost first. */
  readonly path: readonly string[];
  readonly left: Json | undefined;
  readonly right: Json | undefined;
}

/** Compares two JSON values by structure: the order of keys does not matter, 0 equals -0. */
export function jsonDifference(left: Json | undefined, right: Json | undefined): JsonDifference | undefined {
  if (Array.isArray(left) !== Array.isArray(right)) return { path: [], left, right };
  const [leftEntries, rightEntries] = [entriesOf(left), entriesOf(right)];
  if (leftEntries === undefined || rightEntries === undefined) return left === right ? undefined : { path: [], left, right };
  for (const key of new Set([...leftEntries.keys(), ...rightEntries.keys()])) {
    const inner = jsonDifference(leftEntries.get(key), rightEntries.get(key));
    if (inner !== undefined) return { ...inner, path: [key, ...inner.path] };
  }
  return undefined;
}

/** A value's parts by key or index; undefined for one that has none. */
const entriesOf = (value: Json | undefined): ReadonlyMap<string, Json> | undefined =>
  Array.isArray(value) || isJsonObject(value) ? new Map(Object.entries<Json>(value)) : undefined;
