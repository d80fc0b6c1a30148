/** Anything that survives JSON.stringify and JSON.parse unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; what callbacks save and barriers carry. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a plain JSON object: not null, not an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for what JSON carries whole: no undefined, no function, no number that is not finite, no object of a class. */
export function isJson(value: unknown): value is Json {
  if (typeof value !== 'object')
    return typeof value === 'number' ? Number.isFinite(value) : ['boolean', 'string'].includes(typeof value);
  if (value === null) return true;
  if (Array.isArray(value)) return value.every(isJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}

/** Reads JSON of a shape; undefined for text that is no JSON, or JSON of another shape. */
export function parseJson<T>(text: string, accepts: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return accepts(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
